// SPDX-License-Identifier: Apache-2.0
// Ports in a row that nobody holds, for networks of real Fabric nodes that run beside others: tests, the demo, benchmarks.
import { createServer } from 'node:net';
import { PORTS_EACH } from '@zhenglian/network/fabric/layout';
import { networkDefinition, readConsortium } from './consortium.ts';

/** The first of enough free ports in a row for a network, below those that the system gives away. */
export async function firstFreePort(): Promise<number> {
  const count = networkDefinition(readConsortium()).organisations.length * PORTS_EACH;
  for (;;) {
    const first = 12_000 + Math.floor(Math.random() * 190) * 100;
    const ports = Array.from({ length: count }, (_, i) => first + i);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return first;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
