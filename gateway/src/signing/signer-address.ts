// SPDX-License-Identifier: Apache-2.0
// Where a signer process listens: a Unix socket that only its owner opens, or TCP with certificates on both sides.
import { randomUUID } from 'node:crypto';
import { chmod, rename, rm } from 'node:fs/promises';
import { connect as connectPlain, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { CodedError } from '@zhenglian/core/errors';

/** PEM of this side's certificate and key, and of who certifies the other side. */
export interface SignerTls {
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly authorityPem: string;
}

export type SignerAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: SignerTls };

/** A place that takes connections; `port` of TCP. */
export interface Listening {
  readonly port: number | undefined;
  close(): Promise<void>;
}

const MOST_CONNECTIONS = 32;
const TLS_FLOOR = 'TLSv1.3';

/** Listens. A socket that a killed signer left is replaced. @throws PORT_IN_USE, START_FAILED */
export async function listenAt(
  address: SignerAddress,
  serve: (socket: Socket) => void,
): Promise<Listening> {
  const server = serverOf(address, serve);
  server.maxConnections = MOST_CONNECTIONS;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const remove = address.kind === 'socket' ? await bindPrivately(server, address.path) : undefined;
  if (address.kind === 'tcp') await bind(server, { host: address.host, port: address.port });
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : undefined,
    async close() {
      await remove?.();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Begins to connect; the socket says when it has, or why not. */
export function connectTo(address: SignerAddress): Socket {
  if (address.kind === 'socket') return connectPlain(address.path);
  const { host, port, tls } = address;
  return connectTls({ host, port, minVersion: TLS_FLOOR, ...pemOf(tls) });
}

/** The event after which a connection may be used. */
export function openedEvent(address: SignerAddress): 'connect' | 'secureConnect' {
  return address.kind === 'socket' ? 'connect' : 'secureConnect';
}

function serverOf(address: SignerAddress, serve: (socket: Socket) => void): Server {
  if (address.kind === 'socket') return createServer(serve);
  const both = { requestCert: true, rejectUnauthorized: true, minVersion: TLS_FLOOR } as const;
  const server = createTlsServer({ ...both, ...pemOf(address.tls) }, serve);
  // Who has no certificate of ours: cut before a byte of it is read.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

function pemOf({ certificatePem, keyPem, authorityPem }: SignerTls) {
  return { cert: certificatePem, key: keyPem, ca: authorityPem };
}

/** Bound under another name, closed to others, then named: nobody can connect in between. */
async function bindPrivately(server: Server, path: string): Promise<() => Promise<void>> {
  const hidden = join(dirname(path), `.${basename(path)}-${randomUUID().slice(0, 8)}`);
  await bind(server, { path: hidden });
  await chmod(hidden, 0o600);
  await rename(hidden, path);
  return () => rm(path, { force: true });
}

async function bind(
  server: Server,
  place: { readonly path: string } | { readonly host: string; readonly port: number },
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const isTaken = 'code' in cause && cause.code === 'EADDRINUSE';
      const code = isTaken ? 'PORT_IN_USE' : 'START_FAILED';
      reject(new CodedError(code, 'the signer cannot listen there', { cause }));
    });
    server.listen(place, resolve);
  });
}
