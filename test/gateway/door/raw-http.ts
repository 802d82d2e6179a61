// SPDX-License-Identifier: Apache-2.0
// Bytes on a bare connection, as a client sends them that keeps to no rule; and a small server of the door's.
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import express from 'express';
import type { Express } from 'express';
import type { DoorConfig, TlsConfig } from '../../../gateway/src/config/door.ts';
import { createDoorServer } from '../../../gateway/src/http/server.ts';
import type { DoorServer, ServerTimes } from '../../../gateway/src/http/server.ts';
import { createLog } from '../../../gateway/src/log.ts';
import { createMetrics } from '../../../gateway/src/metrics.ts';
import { readJson, leaveUnread } from '../../../gateway/src/middleware/body.ts';
import { answerProblems, unknownRoute } from '../../../gateway/src/middleware/problems.ts';
import { strictRequest } from '../../../gateway/src/middleware/strict-request.ts';
import { DOOR } from '../support.ts';

/** A server that listens. */
export interface Running {
  readonly port: number;
  readonly door: DoorServer;
  readonly logs: string[];
  /** Bodies that reached the route `POST /echo`. */
  readonly bodies: unknown[];
  stop(): Promise<void>;
}

/** Starts `GET /` (200, "here") and `POST /echo` behind the door. */
export async function startDoor(
  options: {
    readonly door?: Partial<DoorConfig>;
    readonly tls?: TlsConfig;
    readonly times?: Partial<ServerTimes>;
    readonly bodyMilliseconds?: number;
  } = {},
): Promise<Running> {
  const logs: string[] = [];
  const bodies: unknown[] = [];
  const log = createLog('info', { write: (line) => void logs.push(line) });
  const app = smallApp(bodies, options.bodyMilliseconds);
  app.use(answerProblems(log, createMetrics({ process: false })));
  const door = createDoorServer(app, {
    door: { ...DOOR, ...options.door },
    tls: options.tls,
    log,
    times: { check: 50, ...options.times },
  });
  await new Promise<void>((resolve) => door.server.listen(0, '127.0.0.1', resolve));
  const address = door.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    ...{ port, door, logs, bodies },
    async stop() {
      const closed = new Promise((resolve) => door.server.close(resolve));
      door.server.closeAllConnections();
      await closed;
      await door.stop();
    },
  };
}

function smallApp(bodies: unknown[], bodyMilliseconds?: number): Express {
  const app = express();
  app.use(leaveUnread(200), strictRequest);
  app.get('/', (_request, response) => void response.send('here'));
  app.post('/echo', readJson(1000, bodyMilliseconds), (request, response) => {
    bodies.push(request.body);
    response.json({ got: true });
  });
  app.use(unknownRoute);
  return app;
}

/** Sends bytes and reads until the other side ends the connection, or `until` is in what it said. */
export function sendRaw(port: number, bytes: string, until?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let said = '';
    socket.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1');
      if (until !== undefined && said.includes(until)) socket.destroy();
    });
    socket.on('error', (error) => {
      if (said === '' && !('code' in error && error.code === 'ECONNRESET')) reject(error);
    });
    socket.on('close', () => resolve(said));
  });
}

/** Opens a connection and says nothing. */
export function openIdle(port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    socket.once('connect', () => {
      socket.on('error', () => undefined);
      // Whoever reads nothing never learns that the other side has ended.
      socket.resume();
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** Status of the first answer in what was said. */
export function statusOf(said: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(said)?.[1] ?? 0);
}
