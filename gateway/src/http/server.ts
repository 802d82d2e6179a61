// SPDX-License-Identifier: Apache-2.0
// The server under the application: what a connection may cost before anybody is known (docs/operations.md, "The door").
import { createServer } from 'node:http';
import type { Server, ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';
import type { DoorConfig, TlsConfig } from '../config/door.ts';
import type { Log } from '../log.ts';
import { followCertificate, pairOf } from './certificate.ts';
import { guardConnections } from './connections.ts';
import type { Connections } from './connections.ts';
import { answerMalformed } from './malformed.ts';
import { messageClasses } from './message-classes.ts';
import { parseProxies } from './proxies.ts';

/** Milliseconds and sizes; tests shorten them. */
export interface ServerTimes {
  /** Until a header is complete, the TLS handshake too. */
  readonly header: number;
  /** Until a whole request is there: a large file on a slow line. Bodies of JSON have less (`middleware/body.ts`). */
  readonly request: number;
  readonly keepAlive: number;
  readonly certificate: number;
  /** How often slow connections are looked for. */
  readonly check: number;
}

/** A server that does not listen yet. */
export interface DoorServer {
  readonly server: Server;
  readonly connections: Connections;
  /** Ends what runs beside the server. */
  stop(): Promise<void>;
}

const TIMES: ServerTimes = {
  header: 10_000,
  request: 3_600_000,
  keepAlive: 30_000,
  certificate: 10_000,
  check: 2000,
};
const MAX_HEADER_BYTES = 16_384;
const REQUESTS_PER_CONNECTION = 10_000;

/** A server with the door's limits, HTTPS where there is a certificate. */
export function createDoorServer(
  app: Express,
  parts: {
    readonly door: DoorConfig;
    readonly tls: TlsConfig | undefined;
    readonly log: Log;
    readonly times?: Partial<ServerTimes>;
  },
): DoorServer {
  const { door, tls, log } = parts;
  const times = { ...TIMES, ...parts.times };
  const options: ServerOptions = {
    ...messageClasses(app),
    insecureHTTPParser: false,
    requireHostHeader: true,
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: times.header,
    requestTimeout: times.request,
    keepAliveTimeout: times.keepAlive,
    connectionsCheckingInterval: times.check,
  };
  const { server, stop } = createListener(app, options, tls, { log, times });
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION;
  // Header fields are counted by `middleware/strict-request.ts`, which refuses what Node would leave out silently.
  server.maxHeadersCount = 0;
  const connections = guardConnections(server, {
    most: door.connections,
    mostPerAddress: door.connectionsPerAddress,
    isProxy: parseProxies(door.trustedProxies),
  });
  server.on('clientError', (error: Error, socket: Duplex) => {
    answerMalformed(error, socket, connections.answerOn(socket));
  });
  return { server, connections, stop };
}

function createListener(
  app: Express,
  options: ServerOptions,
  tls: TlsConfig | undefined,
  { log, times }: { readonly log: Log; readonly times: ServerTimes },
): Pick<DoorServer, 'server' | 'stop'> {
  if (tls === undefined) {
    return { server: createServer(options, app), stop: () => Promise.resolve() };
  }
  const pair = pairOf(tls.certificatePem, tls.keyPem);
  const server = createTlsServer({ ...options, ...pair, handshakeTimeout: times.header }, app);
  return { server, stop: followCertificate(server, tls, { log, every: times.certificate }) };
}
