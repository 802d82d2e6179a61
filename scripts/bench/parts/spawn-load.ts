// SPDX-License-Identifier: Apache-2.0
// Processes that a benchmark over HTTP needs beside the gateway: the load, and the empty route it is held against.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { LoadFigures, LoadOrder } from '../peers/http-load.ts';

const place = (name: string) => fileURLToPath(new URL(`../peers/${name}.ts`, import.meta.url));

/** Sends the load from a process of its own. Throws when an answer was wrong: a benchmark of what fails is worth nothing. */
export async function sendLoad(order: LoadOrder): Promise<LoadFigures> {
  const child = spawn(process.execPath, ['--import', 'tsx', place('http-load')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(order));
  const figures = (await json(child.stdout)) as LoadFigures;
  if (figures.wrong > 0 || figures.answered === 0) {
    throw new Error(`${order.url}: ${String(figures.wrong)} of the answers were no 2xx`);
  }
  return figures;
}

/** Starts the empty route. */
export async function startEmptyRoute(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, ['--import', 'tsx', place('empty-route')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { port } = JSON.parse(line) as { port: number };
  return {
    url: `http://127.0.0.1:${String(port)}`,
    async stop() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}
