// SPDX-License-Identifier: Apache-2.0
// Acts that are part of a change of the store: written in its batch, then handed to the trace in order. A kill in
// between leaves them here for the next start: an act may be told twice, never not at all. Each instance of a province
// has acts of its own; those of one that is dead are told by another.
import { utf8, fromUtf8 } from '@zhenglian/core/bytes';
import type { Locks } from './locks.ts';
import { LAST_CHARACTER } from './store/table.ts';
import type { Table, TableChange } from './store/table.ts';
import type { Trace, TraceAct } from './trace/trace.ts';

/** Acts on their way to the trace. */
export interface TraceOutbox {
  /** Changes that put acts into the batch of what they tell of. */
  put(...acts: readonly TraceAct[]): readonly TableChange[];
  /** Hands over everything there is. */
  drain(): Promise<void>;
  /** Hands over what dead instances have left. */
  adopt(): Promise<void>;
}

const PREFIX = 'outbox/';
const PAGE = 500;

/** Leaves acts for the next start of an instance that does not run now. */
export async function leaveAct(
  { desk, instance }: { readonly desk: Table; readonly instance: string },
  ...acts: readonly TraceAct[]
): Promise<void> {
  const own = `${PREFIX}${instance}/`;
  const first = await nextOf(desk, own);
  await desk.write(acts.map((act, i) => change(own, first + i, act)));
}

/** Opens the outbox of an instance and hands over what a kill left in it. */
export async function openTraceOutbox(parts: {
  readonly store: Table;
  readonly trace: Pick<Trace, 'append'>;
  readonly instance: string;
  readonly locks: Pick<Locks, 'ifFree'>;
}): Promise<TraceOutbox> {
  const { store, trace, instance, locks } = parts;
  const own = `${PREFIX}${instance}/`;
  let next = await nextOf(store, own);
  let draining = Promise.resolve();
  const drainPage = async (prefix: string): Promise<number> => {
    const keys: string[] = [];
    const acts: TraceAct[] = [];
    for await (const { key, value } of store.range({ prefix, limit: PAGE })) {
      keys.push(key);
      acts.push(JSON.parse(fromUtf8(value)) as TraceAct);
    }
    if (acts.length > 0) await trace.append(...acts);
    await store.write(keys.map((key) => ({ key })));
    return acts.length;
  };
  const outbox: TraceOutbox = {
    put: (...acts) => acts.map((act) => change(own, next++, act)),
    drain() {
      const run = async () => {
        while ((await drainPage(own)) === PAGE);
      };
      draining = draining.then(run, run);
      return draining;
    },
    async adopt() {
      for (const other of await othersOf(store, instance)) {
        await locks.ifFree(`instance/${other}`, async () => {
          while ((await drainPage(`${PREFIX}${other}/`)) === PAGE);
        });
      }
    },
  };
  await outbox.drain();
  await outbox.adopt();
  return outbox;
}

function change(own: string, n: number, act: TraceAct): TableChange {
  return { key: own + String(n).padStart(16, '0'), value: utf8(JSON.stringify(act)) };
}

async function nextOf(store: Table, own: string): Promise<number> {
  for await (const { key } of store.range({ prefix: own, reverse: true, limit: 1 })) {
    return Number(key.slice(own.length)) + 1;
  }
  return 0;
}

/** Instances that have acts here. One that has none is stepped over: the walk goes from owner to owner. */
async function othersOf(store: Table, instance: string): Promise<readonly string[]> {
  const others: string[] = [];
  let after = PREFIX;
  for (;;) {
    let found: string | undefined;
    for await (const { key } of store.range({ prefix: PREFIX, after, limit: 1 })) found = key;
    if (found === undefined) return others;
    const owner = found.slice(PREFIX.length).split('/')[0] ?? '';
    if (owner !== instance) others.push(owner);
    after = `${PREFIX}${owner}/${LAST_CHARACTER}`;
  }
}
