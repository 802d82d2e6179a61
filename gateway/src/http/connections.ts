// SPDX-License-Identifier: Apache-2.0
// Connections are few and belong to whoever uses them: one address holds so many at most, and when all places are
// taken the connection that has been idle longest gives way. So idle ones, however many, keep nobody out.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { IsProxy } from './proxies.ts';
import { subscriberOf } from './proxies.ts';

/** How many, and who may exceed the number of one address. */
export interface ConnectionLimits {
  readonly most: number;
  readonly mostPerAddress: number;
  readonly isProxy: IsProxy;
}

/** The connections of a server. */
export interface Connections {
  readonly count: () => number;
  /** Ends those on which nothing is being answered, and from now on each when its answer is out. */
  readonly drain: () => void;
  /** The answer that is on its way on a connection. */
  readonly answerOn: (socket: object) => ServerResponse | undefined;
}

/** Watches the connections of a server, which must not listen yet. */
export function guardConnections(server: Server, limits: ConnectionLimits): Connections {
  const open = new Set<string>();
  const byAddress = new Map<string, number>();
  /** In the order in which they became idle; a TLS connection takes the place of the one it runs on. */
  const idle = new Map<string, Socket>();
  const answers = new WeakMap<object, ServerResponse>();
  let isDraining = false;

  server.on('connection', (socket: Socket) => {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined || isDraining) {
      socket.destroy();
      return;
    }
    const address = subscriberOf(remoteAddress);
    const count = byAddress.get(address) ?? 0;
    const isFull = count >= limits.mostPerAddress && !limits.isProxy(remoteAddress);
    if (isFull || (open.size >= limits.most && !makeRoom(idle))) {
      socket.destroy();
      return;
    }
    const name = nameOf(socket);
    open.add(name);
    idle.set(name, socket);
    byAddress.set(address, count + 1);
    socket.once('close', () => {
      open.delete(name);
      idle.delete(name);
      const left = (byAddress.get(address) ?? 1) - 1;
      if (left === 0) byAddress.delete(address);
      else byAddress.set(address, left);
    });
  });
  server.on('secureConnection', (socket: Socket) => {
    const name = nameOf(socket);
    if (idle.delete(name)) idle.set(name, socket);
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const name = nameOf(socket);
    idle.delete(name);
    answers.set(socket, response);
    response.once('close', () => {
      if (socket.destroyed) return;
      if (isDraining) socket.destroySoon();
      else if (open.has(name)) idle.set(name, socket);
    });
  });
  return {
    count: () => open.size,
    answerOn: (socket) => answers.get(socket),
    drain: () => {
      isDraining = true;
      for (const socket of idle.values()) socket.destroy();
    },
  };
}

function makeRoom(idle: Map<string, Socket>): boolean {
  const longest = idle.entries().next();
  if (longest.done === true) return false;
  const [name, socket] = longest.value;
  idle.delete(name);
  socket.destroy();
  return true;
}

function nameOf({ remoteAddress = '', remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${String(remotePort)}`;
}
