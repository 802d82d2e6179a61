// SPDX-License-Identifier: Apache-2.0
// Acts that are part of a change of the store: written in its batch, one row however many, then handed to the trace.
// Whoever changed something is answered when that batch is stored, not when the trace has it too. A kill in between leaves
// the acts here for the next start: an act may be told twice, never not at all. Each instance of a province has acts of
// its own; those of one that is dead are told by another.
import { fromUtf8, utf8 } from '@zhenglian/core/bytes';
import type { Locks } from './locks.ts';
import { LAST_CHARACTER } from './store/table.ts';
import type { Table, TableChange } from './store/table.ts';
import { actsOf, runsOf } from './trace/trace-runs.ts';
import type { TraceRun } from './trace/trace-runs.ts';
import type { Trace, TraceAct } from './trace/trace.ts';

/** Acts on their way to the trace. */
export interface TraceOutbox {
  /** Changes that put acts into the batch of what they tell of. */
  put(...acts: readonly TraceAct[]): readonly TableChange[];
  /** Hands over the acts among changes that are stored. What the trace has no room for is told later. */
  handOver(stored: readonly TableChange[]): void;
  /** Resolves when what was handed over before is in the trace, or kept for later. */
  told(): Promise<void>;
  /** Resolves when few acts wait: who makes many asks before he makes more. */
  room(): Promise<void>;
  /** Hands over what dead instances have left, and what this one was kept from handing over. */
  adopt(): Promise<void>;
  /** Resolves when nothing is being handed over. */
  close(): Promise<void>;
}

interface Waiting {
  readonly keys: readonly string[];
  readonly acts: readonly TraceAct[];
}

/** Whoever waits until so many hand-overs have been dealt with. */
interface Listener {
  readonly until: number;
  readonly resolve: () => void;
}

/** Hand-overs that may wait while more are made. */
const ROOM = 2;

const PREFIX = 'outbox/';
const PAGE = 100;

/** Leaves acts for the next start of an instance that does not run now. */
export async function leaveAct(
  { desk, instance }: { readonly desk: Table; readonly instance: string },
  ...acts: readonly TraceAct[]
): Promise<void> {
  const own = ownPrefix(instance);
  await desk.write([rowOf(own, await nextOf(desk, own), acts)]);
}

/** Opens the outbox of an instance and hands over what a kill left in it. */
export async function openTraceOutbox(parts: OutboxParts): Promise<TraceOutbox> {
  const outbox = new LiveOutbox(parts, await nextOf(parts.store, ownPrefix(parts.instance)));
  await outbox.open();
  return outbox;
}

/** A trace that answers for what was handed over before it was asked. */
export function traceBehind(outbox: Pick<TraceOutbox, 'told'>, trace: Trace): Trace {
  return {
    ...trace,
    entriesOf: (subjects) => outbox.told().then(() => trace.entriesOf(subjects)),
  };
}

interface OutboxParts {
  readonly store: Table;
  readonly trace: Pick<Trace, 'append'>;
  readonly instance: string;
  readonly locks: Pick<Locks, 'ifFree'>;
}

class LiveOutbox implements TraceOutbox {
  readonly #parts: OutboxParts;
  readonly #own: string;
  /** The acts of a row that was made and not handed over; gone with the change where it was never stored. */
  readonly #acts = new WeakMap<TableChange, readonly TraceAct[]>();
  /** Rows whose acts are being told. */
  readonly #telling = new Set<string>();
  /** Rows that were there at the last look: whoever wrote one has had time to hand it over. */
  #seen: ReadonlySet<string> = new Set();
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #handedOver = 0;
  #dealtWith = 0;
  #listeners: Listener[] = [];
  #next: number;

  constructor(parts: OutboxParts, next: number) {
    this.#parts = parts;
    this.#own = ownPrefix(parts.instance);
    this.#next = next;
  }

  put(...acts: readonly TraceAct[]): readonly TableChange[] {
    if (acts.length === 0) return [];
    const row = rowOf(this.#own, this.#next++, acts);
    this.#acts.set(row, acts);
    return [row];
  }

  handOver(stored: readonly TableChange[]): void {
    const keys: string[] = [];
    const acts: TraceAct[] = [];
    for (const change of stored) {
      const told = this.#acts.get(change);
      if (told === undefined) continue;
      this.#acts.delete(change);
      this.#telling.add(change.key);
      keys.push(change.key);
      acts.push(...told);
    }
    if (keys.length === 0) return;
    this.#handedOver += 1;
    this.#waiting.push({ keys, acts });
    this.#running ??= this.#run();
  }

  told(): Promise<void> {
    return this.#dealt(this.#handedOver);
  }

  room(): Promise<void> {
    return this.#dealt(this.#handedOver - ROOM);
  }

  async adopt(): Promise<void> {
    const { store, instance, locks } = this.#parts;
    await this.#tellKept();
    for (const other of await othersOf(store, instance)) {
      await locks.ifFree(`instance/${other}`, () => this.#tellAll(ownPrefix(other)));
    }
  }

  async close(): Promise<void> {
    await this.#running;
  }

  async open(): Promise<void> {
    await this.#tellAll(this.#own);
    await this.adopt();
  }

  #dealt(until: number): Promise<void> {
    if (this.#dealtWith >= until) return Promise.resolve();
    return new Promise((resolve) => this.#listeners.push({ until, resolve }));
  }

  /** Everything that waits goes together; who asks is told when it is in the trace, before its rows are deleted. */
  async #run(): Promise<void> {
    let forgotten = Promise.resolve();
    while (this.#waiting.length > 0) {
      const now = this.#waiting;
      this.#waiting = [];
      if (await this.#told(now)) {
        await forgotten;
        forgotten = this.#forget(now.flatMap(({ keys }) => keys));
      }
      if (this.#waiting.length === 0) await forgotten;
    }
    this.#running = undefined; // in the same turn: who comes now starts the next
  }

  async #told(now: readonly Waiting[]): Promise<boolean> {
    try {
      await this.#parts.trace.append(...now.flatMap(({ acts }) => acts));
      return true;
    } catch {
      for (const key of now.flatMap(({ keys }) => keys)) this.#telling.delete(key);
      return false;
    } finally {
      this.#dealtWith += now.length;
      const due = this.#listeners.filter(({ until }) => until <= this.#dealtWith);
      this.#listeners = this.#listeners.filter(({ until }) => until > this.#dealtWith);
      for (const { resolve } of due) resolve();
    }
  }

  /** What was told is told again at the next start where this fails. */
  async #forget(keys: readonly string[]): Promise<void> {
    try {
      await this.#parts.store.write(keys.map((key) => ({ key })));
      for (const key of keys) this.#telling.delete(key);
    } catch {
      // They stay in `telling`: told they are.
    }
  }

  /** Own rows that stay: the trace was full, or nobody knew whether their batch was stored. */
  async #tellKept(): Promise<void> {
    const kept: string[] = [];
    const found = new Set<string>();
    for await (const { key } of this.#parts.store.range({ prefix: this.#own, limit: PAGE })) {
      if (this.#telling.has(key)) continue;
      if (this.#seen.has(key)) kept.push(key);
      else found.add(key);
    }
    this.#seen = found;
    for (const key of kept) this.#telling.add(key);
    try {
      await this.#tell(kept);
    } finally {
      for (const key of kept) this.#telling.delete(key);
    }
  }

  async #tellAll(prefix: string): Promise<void> {
    for (;;) {
      const keys: string[] = [];
      for await (const { key } of this.#parts.store.range({ prefix, limit: PAGE })) keys.push(key);
      if (keys.length === 0) return;
      await this.#tell(keys);
    }
  }

  async #tell(keys: readonly string[]): Promise<void> {
    const { store, trace } = this.#parts;
    for (const key of keys) {
      const value = await store.get(key);
      if (value === undefined) continue;
      await trace.append(...actsOf(JSON.parse(fromUtf8(value)) as readonly TraceRun[]));
      await store.write([{ key }]);
    }
  }
}

function ownPrefix(instance: string): string {
  return `${PREFIX}${instance}/`;
}

function rowOf(own: string, n: number, acts: readonly TraceAct[]): TableChange {
  return { key: own + String(n).padStart(16, '0'), value: utf8(JSON.stringify(runsOf(acts))) };
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
