// SPDX-License-Identifier: Apache-2.0
// LevelDB admits one process, so what an operator wants of a running gateway is left as a file in DATA_DIR/orders, which only
// the gateway's own user may write; the gateway does it and leaves the answer beside it.
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isCodedError } from '@zhenglian/core/errors';
import { z } from 'zod';
import { gatewayError } from '../problem-codes.ts';

/** What a gateway does on order, by verb. */
export type OrderHandlers = Readonly<Record<string, (order: unknown) => Promise<object>>>;

const orderFile = z.strictObject({ verb: z.string(), order: z.unknown() });
const answerFile = z.union([
  z.strictObject({ done: z.record(z.string(), z.unknown()) }),
  z.strictObject({ code: z.string(), message: z.string() }),
]);
const EVERY_MS = 500;
const FOLDER = 'orders';

/** Does what is ordered until it is told to end. */
export function serveOrders(dataDir: string, handlers: OrderHandlers): () => Promise<void> {
  const stop = new AbortController();
  const run = async () => {
    while (!stop.signal.aborted) {
      for (const name of await readdir(join(dataDir, FOLDER)).catch(() => [])) {
        if (name.endsWith('.order')) await serveOrder(join(dataDir, FOLDER, name), handlers);
      }
      await pause(EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return async () => {
    stop.abort();
    await running;
  };
}

async function serveOrder(path: string, handlers: OrderHandlers): Promise<void> {
  const answer = await answerOf(path, handlers).catch((error: unknown) =>
    isCodedError<string>(error)
      ? { code: error.code, message: error.message }
      : { code: 'INTERNAL', message: 'the gateway could not do it: see its log' },
  );
  const answered = path.replace(/order$/, 'answer');
  await writeFile(`${answered}.new`, JSON.stringify(answer), { mode: 0o600 });
  await rename(`${answered}.new`, answered);
  await rm(path, { force: true });
}

async function answerOf(path: string, handlers: OrderHandlers): Promise<unknown> {
  const { verb, order } = orderFile.parse(JSON.parse(await readFile(path, 'utf8')));
  const handler = Object.hasOwn(handlers, verb) ? handlers[verb] : undefined;
  if (handler === undefined) throw new TypeError('unreachable: the verbs are this program’s');
  return { done: await handler(order) };
}

/** Orders something of the running gateway of a data directory and waits. @throws what the gateway says */
export async function placeOrder(dataDir: string, verb: string, order: object): Promise<object> {
  const folder = join(dataDir, FOLDER);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const name = join(folder, randomUUID());
  await writeFile(`${name}.new`, JSON.stringify({ verb, order }), { mode: 0o600 });
  await rename(`${name}.new`, `${name}.order`);
  for (;;) {
    const text = await readFile(`${name}.answer`, 'utf8').catch(() => undefined);
    if (text === undefined) {
      await pause(EVERY_MS / 5);
      continue;
    }
    await rm(`${name}.answer`);
    const answer = answerFile.parse(JSON.parse(text));
    if ('done' in answer) return answer.done;
    throw gatewayError('ORDER_FAILED', `${answer.code}: ${answer.message}`);
  }
}
