// SPDX-License-Identifier: Apache-2.0
// The gateway's trace: who did what to and with a licence, append-only, its roots anchored (docs/ledger.md §4).
// Entries are durable before `append` returns; acts that come together are written together. A root is stored before it
// is sent; an answer that was lost is looked up in the replica, never guessed.
import type { Ledger } from '@zhenglian/network/ledger';
import { equals } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import { provinceChaincode } from '@zhenglian/core/records/record-key';
import { traceChain } from '@zhenglian/core/records/trace-root';
import type { Clock } from '../context.ts';
import type { Log } from '../log.ts';
import type { Replica } from '../replica/replica.ts';
import type { Table, TableChange } from '../store/table.ts';
import { mergeEntries, provenEntries } from './proven-entries.ts';
import type { ProvenEntry, TraceOfInstance } from './proven-entries.ts';
import type { TracePurpose } from '../purposes.ts';
import type { TraceDetail, TraceEntry, TraceKind, TraceOutcome } from './trace-entry.ts';
import { closeRoot, newestRoot, rootContent, storeRoot } from './trace-root.ts';
import type { StoredRoot } from './trace-root.ts';
import { lastEntry, storeRun } from './trace-rows.ts';
import { runsOf } from './trace-runs.ts';

/** What is to be recorded; `subject` is a licence id, or a copy as `copyReference` writes it. */
export interface TraceAct {
  readonly kind: TraceKind;
  /** Who: the label of the token, `holder`, or `gateway`. */
  readonly actor: string;
  readonly subject: string | null;
  readonly outcome: TraceOutcome;
  /** Why. */
  readonly purpose: TracePurpose;
  readonly detail?: TraceDetail;
}

/** A live trace. */
export interface Trace {
  /** Records acts, in order; they are durable when it returns. @throws STORAGE_FULL */
  append(...acts: readonly TraceAct[]): Promise<void>;
  /** All entries about any of these subjects, of every instance of the province, oldest first. */
  entriesOf(subjects: readonly string[]): Promise<readonly ProvenEntry[]>;
  /** Sends what is not under a root yet; resolves when it is anchored or could not be for now. */
  anchor(): Promise<void>;
  /** Entries under no root of the ledger yet, and roots that were closed but are not there yet. */
  pending(): { readonly entries: number; readonly roots: number };
  /** Why the trace must not be relied on (`/readyz`); empty when all is well. */
  troubles(): readonly 'TRACE_FORKED'[];
  close(): Promise<void>;
}

export interface TraceOptions {
  readonly db: Table;
  readonly ledger: Ledger;
  readonly replica: Pick<Replica, 'traceRoot'>;
  /** Names this trace on the ledger; the same for as long as its table lives. */
  readonly instance: string;
  readonly msp: string;
  /** The traces of the province's other instances, which answers include. */
  readonly others?: () => Promise<readonly TraceOfInstance[]>;
  readonly clock: Clock;
  readonly log: Log;
  /** A root is anchored after so many entries, or so many seconds; 2,000 and 5 unless given. */
  readonly every?: { readonly entries: number; readonly seconds: number };
}

interface Waiting {
  readonly changes: readonly TableChange[];
  readonly entries: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const EVERY = { entries: 2000, seconds: 5 };
const MOST_ENTRIES = 8192;

/** Opens the trace of a gateway instance and begins to anchor. */
export async function openTrace(options: TraceOptions): Promise<Trace> {
  return new LiveTrace(options, await lastEntry(options.db), await newestRoot(options.db));
}

class LiveTrace implements Trace {
  readonly #options: TraceOptions;
  readonly #timer: NodeJS.Timeout;
  /** The time of the last entry: a clock that was set back does not make the trace run backwards. */
  #at: number;
  #next: number;
  #durable: number;
  #waiting: Waiting[] = [];
  /** What a write may have left whose outcome nobody knows: its numbers are given again, so it is deleted first. */
  readonly #doubtful = new Set<string>();
  #writing: Promise<void> | undefined;
  #newest: StoredRoot | undefined;
  /** Entries below this number are to be anchored now; those that come meanwhile wait until they are many, or for the timer. */
  #due = 0;
  #anchoring: Promise<void> | undefined;
  /** The last root could not be sent. */
  #isAway = false;
  #forked = false;
  #closed = false;

  constructor(options: TraceOptions, last: TraceEntry | undefined, newest: StoredRoot | undefined) {
    this.#options = options;
    this.#at = last?.at ?? 0;
    this.#next = last === undefined ? 0 : last.n + 1;
    this.#durable = this.#next;
    this.#newest = newest;
    const seconds = (options.every ?? EVERY).seconds;
    this.#timer = setInterval(() => void this.anchor(), seconds * 1000);
    this.#timer.unref();
  }

  append(...acts: readonly TraceAct[]): Promise<void> {
    if (acts.length === 0) return Promise.resolve();
    this.#at = Math.max(this.#at, this.#options.clock());
    const changes: TableChange[] = [];
    let next = this.#next;
    for (const run of runsOf(acts)) {
      changes.push(...storeRun(run, next, this.#at));
      next += run.subjects.length;
    }
    const entries = next - this.#next;
    this.#next = next;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ changes, entries, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  async entriesOf(subjects: readonly string[]): Promise<readonly ProvenEntry[]> {
    const { db, instance, others } = this.#options;
    const all = [{ instance, db }, ...((await others?.()) ?? [])];
    return mergeEntries(await Promise.all(all.map((trace) => provenEntries(trace, subjects))));
  }

  async anchor(): Promise<void> {
    this.#due = this.#durable;
    this.#anchoring ??= this.#anchorAll();
    await this.#anchoring;
  }

  pending(): { readonly entries: number; readonly roots: number } {
    const isClosing = this.#newest?.transactionId === null;
    const closing = isClosing ? (this.#newest?.count ?? 0) : 0;
    const entries = this.#durable - this.#covered() + closing;
    return { entries, roots: isClosing ? 1 : 0 };
  }

  troubles(): readonly 'TRACE_FORKED'[] {
    return this.#forked ? ['TRACE_FORKED'] : [];
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#writing?.catch(() => undefined);
    await this.#anchoring?.catch(() => undefined);
  }

  /** One batch for all that waits. When it fails, all that was numbered after it fails too: no number is left out. */
  async #write(): Promise<void> {
    await Promise.resolve(); // acts of one turn go together
    while (this.#waiting.length > 0) {
      const now = this.#waiting;
      this.#waiting = [];
      const changes = now.flatMap((each) => each.changes);
      try {
        const deleted = [...this.#doubtful].map((key) => ({ key }));
        await this.#options.db.write([...deleted, ...changes]);
        this.#doubtful.clear();
        this.#durable += now.reduce((sum, { entries }) => sum + entries, 0);
        for (const each of now) each.resolve();
        if (this.#isMuch()) void this.anchor();
      } catch (error) {
        const all = [...now, ...this.#waiting];
        this.#waiting = [];
        this.#next = this.#durable;
        for (const { key } of changes) this.#doubtful.add(key);
        for (const each of all) each.reject(error);
      }
    }
    this.#writing = undefined; // in the same turn: who comes now starts the next
  }

  /** Whether a root is due before the timer; while roots cannot be sent, the timer alone tries. */
  #isMuch(): boolean {
    const { entries } = this.#options.every ?? EVERY;
    return !this.#isAway && this.#durable - this.#covered() >= entries;
  }

  #covered(): number {
    return this.#newest === undefined ? 0 : this.#newest.first + this.#newest.count;
  }

  #isDue(): boolean {
    return this.#newest?.transactionId === null || this.#covered() < this.#due;
  }

  async #anchorAll(): Promise<void> {
    await Promise.resolve(); // not at its end before it is known to run
    try {
      while (!this.#closed && !this.#forked && this.#isDue() && (await this.#anchorOne()));
      this.#isAway = false;
    } catch (error) {
      this.#isAway = true;
      this.#options.log.warn('trace-not-anchored', { error });
    }
    this.#anchoring = undefined; // in the same turn: who asks now starts the next
  }

  /** Anchors the closing root, or closes the next; tells whether it may go on. */
  async #anchorOne(): Promise<boolean> {
    const { db, instance } = this.#options;
    let root = this.#newest;
    if (root === undefined || root.transactionId !== null) {
      const count = Math.min(this.#durable - this.#covered(), MOST_ENTRIES);
      if (count === 0) return false;
      root = await closeRoot(db, root, instance, count);
      await db.write([storeRoot(root)]);
      this.#newest = root;
    }
    const transactionId = await this.#send(root);
    if (transactionId === undefined) return false;
    this.#newest = { ...root, transactionId };
    await db.write([storeRoot(this.#newest)]);
    return true;
  }

  /** The transaction that anchored a root: this one, or an earlier one whose answer was lost. */
  async #send(root: StoredRoot): Promise<string | undefined> {
    const { ledger, msp, instance, log, replica } = this.#options;
    const content = rootContent(root, instance);
    const before = await replica.traceRoot(msp, instance, root.n);
    if (before !== undefined) {
      if (equals(before.chain, traceChain(content))) return before.transactionId;
      this.#forked = true;
      log.error('trace-forked', { n: root.n });
      return undefined;
    }
    const request = encodeCbor({ ...content });
    const call = { chaincode: provinceChaincode(msp), name: 'AnchorTrace', request };
    return (await ledger.submit(call)).transactionId;
  }
}
