// SPDX-License-Identifier: Apache-2.0
// Acts that are part of a change of the store: written in its batch, then handed to the trace in order. A kill in
// between leaves them here for the next start: an act may be told twice, never not at all.
import { utf8, fromUtf8 } from '@zhenglian/core/bytes';
import type { Table, TableChange } from './store/table.ts';
import type { Trace, TraceAct } from './trace/trace.ts';

/** Acts on their way to the trace. */
export interface TraceOutbox {
  /** Changes that put acts into the batch of what they tell of. */
  put(...acts: readonly TraceAct[]): readonly TableChange[];
  /** Hands over everything there is. */
  drain(): Promise<void>;
}

const PREFIX = 'outbox/';
const PAGE = 500;

/** Opens the outbox and hands over what a kill left in it. */
export async function openTraceOutbox(store: Table, trace: Trace): Promise<TraceOutbox> {
  let next = 0;
  let draining = Promise.resolve();
  for await (const { key } of store.range({ prefix: PREFIX, reverse: true, limit: 1 })) {
    next = Number(key.slice(PREFIX.length)) + 1;
  }
  const drainPage = async (): Promise<number> => {
    const keys: string[] = [];
    const acts: TraceAct[] = [];
    for await (const { key, value } of store.range({ prefix: PREFIX, limit: PAGE })) {
      keys.push(key);
      acts.push(JSON.parse(fromUtf8(value)) as TraceAct);
    }
    if (acts.length > 0) await trace.append(...acts);
    await store.write(keys.map((key) => ({ key })));
    return acts.length;
  };
  const outbox: TraceOutbox = {
    put: (...acts) =>
      acts.map((act) => ({
        key: PREFIX + String(next++).padStart(16, '0'),
        value: utf8(JSON.stringify(act)),
      })),
    drain() {
      const run = async () => {
        while ((await drainPage()) === PAGE);
      };
      draining = draining.then(run, run);
      return draining;
    },
  };
  await outbox.drain();
  return outbox;
}
