// SPDX-License-Identifier: Apache-2.0
// Where a gateway is reached: its door, and the operators' own port where one is wanted.
import type { Express } from 'express';
import { CodedError } from '@zhenglian/core/errors';
import type { Closing } from './closing.ts';
import type { GatewayContext } from './context.ts';
import { createDoorServer } from './http/server.ts';
import type { DoorServer } from './http/server.ts';
import { openAdminServer } from './observing/admin-server.ts';

/** Where a gateway is reached; `adminPort` where operators' own port is wanted. */
export interface ListeningPorts {
  readonly port: number;
  readonly adminPort?: number;
}

/** Milliseconds that requests have which are being answered when a gateway is told to end. */
const ANSWER_WITHIN = 4000;
const CUT_WITHIN = 500;

/** Listens where the settings say. @throws PORT_IN_USE, START_FAILED */
export async function listenAt(
  context: GatewayContext,
  app: Express,
  closing: Closing,
): Promise<ListeningPorts> {
  const { config } = context;
  const { port, host, observing } = config;
  const admin = observing.admin && (await openAdminServer(context, observing.admin));
  if (admin !== undefined) closing.add('admin port', () => admin.close());
  const door = createDoorServer(app, { ...config, log: context.log });
  const { server } = door;
  closing.add('door', () => door.stop());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const code = 'code' in cause && cause.code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'START_FAILED';
      reject(new CodedError(code, `cannot listen on port ${String(port)}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
  closing.add('requests', () => endRequests(door, ANSWER_WITHIN), ANSWER_WITHIN + CUT_WITHIN);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    ...(admin === undefined ? {} : { adminPort: admin.port }),
  };
}

/** Takes no new connections, ends idle ones, and cuts what is still being answered when the time is up. */
async function endRequests({ server, connections }: DoorServer, most: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  connections.drain();
  const cut = setTimeout(() => server.closeAllConnections(), most);
  await closed;
  clearTimeout(cut);
}
