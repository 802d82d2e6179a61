// SPDX-License-Identifier: Apache-2.0
// The live replica: follows the ledger's blocks and asks how high it is.
// One batch a block, with the height in it: a kill leaves whole blocks. A chain that does not follow stops it.
import type { Block, Ledger } from '@zhenglian/network/ledger';
import type { InclusionProof } from '@zhenglian/core/anchor';
import { equals } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import type { Clock } from '../context.ts';
import type { Log } from '../log.ts';
import { NO_TRACING } from '../observing/tracing.ts';
import type { Tracing } from '../observing/tracing.ts';
import type { Table } from '../store/table.ts';
import { readBlock } from './block-writes.ts';
import { isClockRefused } from './clock-refused.ts';
import { openBundle } from './held-bundle.ts';
import type { HeldBundle } from './held-bundle.ts';
import { layOutLeaves } from './leaf-rows.ts';
import { viewLedger } from './ledger-view.ts';
import type { HeldStatus, LedgerEvent } from './ledger-view.ts';
import { NO_BLOCKS, readRow, replicaKey } from './replica-records.ts';
import type { BatchRow, ReplicaMeta, TraceRow } from './replica-records.ts';
import type {
  HeldEpoch,
  Replica,
  ReplicaCounts,
  ReplicaTrouble,
  StatusChanged,
} from './replica.ts';

export interface ReplicaOptions {
  readonly db: Table;
  readonly ledger: Ledger;
  readonly networkId: Uint8Array;
  readonly log: Log;
  readonly clock: Clock;
  /** Milliseconds between questions for the ledger's height; 2,000 unless given. */
  readonly pollEvery?: number;
  readonly tracing?: Pick<Tracing, 'span'>;
}

const POLL_EVERY = 2000;
const RETRY_AFTER = 500;
const FIRST_LEVEL_WITHIN = 10_000;
/** Seconds that a replica which was level speaks for now: as checks count it (`checking/replica-facts.ts`). */
const SPEAKS_FOR = 30;

/** Opens the replica and waits, ten seconds at most, until it is level with the ledger. */
export async function openReplica(options: ReplicaOptions): Promise<Replica> {
  await layOutLeaves(options.db);
  const stored = await options.db.get(replicaKey.meta());
  const meta = stored === undefined ? NO_BLOCKS : readRow.meta(stored);
  const replica = new LiveReplica(options, meta, await openBundle(options));
  await replica.start();
  return replica;
}

class LiveReplica implements Replica {
  readonly #options: ReplicaOptions;
  readonly #view: ReturnType<typeof viewLedger>;
  readonly #bundle: Awaited<ReturnType<typeof openBundle>>;
  readonly #stop = new AbortController();
  readonly #waiting = new Set<() => void>();
  readonly #listeners = new Set<(changes: readonly StatusChanged[]) => void>();
  readonly #troubles = new Set<ReplicaTrouble>(['REPLICA_BEHIND']);
  #meta: ReplicaMeta;
  #levelAt = 0;
  #ledgerHeight = 0;
  #work: Promise<unknown> = Promise.resolve();

  constructor(
    options: ReplicaOptions,
    meta: ReplicaMeta,
    bundle: Awaited<ReturnType<typeof openBundle>>,
  ) {
    this.#options = options;
    this.#meta = meta;
    this.#bundle = bundle;
    this.#view = viewLedger(options.db);
  }

  async start(): Promise<void> {
    this.#work = Promise.all([this.#follow(), this.#poll()]);
    const deadline = this.#options.clock() + FIRST_LEVEL_WITHIN / 1000;
    while (this.#troubles.has('REPLICA_BEHIND') && this.#options.clock() < deadline) {
      if (!this.#isAlive() || this.#troubles.has('LEDGER_UNAVAILABLE')) return;
      await pause(20, this.#stop.signal);
    }
  }

  trustBundle(): HeldBundle {
    return { bundle: this.#bundle.held(), at: this.#levelAt };
  }

  async epochEvidence(uscc: string, epoch: number): Promise<HeldEpoch | undefined> {
    const held = await this.#view.epoch(uscc, epoch);
    if (held === undefined) return undefined;
    const { networkId } = this.#options;
    const at = this.#levelAt;
    return { evidence: { networkId, ...held.content, at }, at };
  }

  inclusion(uscc: string, epoch: number, index: number): Promise<InclusionProof | undefined> {
    return this.#view.inclusion(uscc, epoch, index);
  }

  statusOf(uscc: string, epoch: number, index: number): Promise<HeldStatus> {
    return this.#view.status(uscc, epoch, index);
  }

  eventsOf(uscc: string, epoch: number, index: number): Promise<readonly LedgerEvent[]> {
    return this.#view.events(uscc, epoch, index);
  }

  async batch(uscc: string, epoch: number, n: number): Promise<BatchRow | undefined> {
    const stored = await this.#options.db.get(replicaKey.batch(uscc, epoch, n));
    return stored === undefined ? undefined : readRow.batch(stored);
  }

  async traceRoot(msp: string, instance: string, n: number): Promise<TraceRow | undefined> {
    const stored = await this.#options.db.get(replicaKey.trace(msp, instance, n));
    return stored === undefined ? undefined : readRow.trace(stored);
  }

  async traceRootBy(transactionId: string): Promise<TraceRow | undefined> {
    const stored = await this.#options.db.get(replicaKey.traceTransaction(transactionId));
    return stored === undefined ? undefined : readRow.trace(stored);
  }

  height(): number {
    return this.#meta.height;
  }

  counts(): ReplicaCounts {
    const { height, epochs, batches, statuses } = this.#meta;
    const ledgerHeight = Math.max(height, this.#ledgerHeight);
    return { height, epochs, batches, statuses, levelAt: this.#levelAt, ledgerHeight };
  }

  async waitForBlock(number: number, signal?: AbortSignal): Promise<void> {
    const look = () => this.#wake();
    signal?.addEventListener('abort', look, { once: true });
    try {
      while (this.#meta.height <= number) {
        if (!this.#isAlive() || signal?.aborted) {
          throw new CodedError('LEDGER_UNAVAILABLE', 'stopped before the replica had the block');
        }
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
    } finally {
      signal?.removeEventListener('abort', look);
    }
  }

  onStatusChange(callback: (changes: readonly StatusChanged[]) => void): () => void {
    this.#listeners.add(callback);
    return () => this.#listeners.delete(callback);
  }

  troubles(): readonly ReplicaTrouble[] {
    const isOld = this.#options.clock() - this.#levelAt > SPEAKS_FOR;
    const troubles = new Set(this.#troubles);
    if (isOld) troubles.add('REPLICA_BEHIND');
    if (this.#bundle.isForeign()) troubles.add('NETWORK_MISMATCH');
    return [...troubles];
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#work;
  }

  /** Takes blocks until it is closed or the chain breaks; a lost ledger is asked again. */
  async #follow(): Promise<void> {
    const { ledger, log } = this.#options;
    const { signal } = this.#stop;
    while (this.#isAlive()) {
      try {
        for await (const block of ledger.blocks(this.#meta.height, signal)) {
          if (!this.#isAlive() || !(await this.#apply(block))) break;
        }
      } catch (error) {
        if (this.#isAlive()) log.warn('block-stream-ended', { error });
      }
      await pause(RETRY_AFTER, signal);
    }
  }

  async #apply(block: Block): Promise<boolean> {
    const { db, log, tracing = NO_TRACING } = this.#options;
    const before = this.#meta;
    const follows =
      block.number === before.height &&
      (before.height === 0 || equals(block.previousHash, before.hash));
    if (!follows) {
      this.#troubles.add('LEDGER_CHAIN_BROKEN');
      log.error('chain-broken', { blockNumber: block.number });
      this.#wake();
      return false;
    }
    const effect = await readBlock(db, before, block);
    const facts = { blockNumber: block.number, count: block.transactions.length };
    await tracing.span('block apply', facts, () => db.write(effect.writes));
    this.#view.forget(effect.epochs);
    if (effect.consortium) await this.#bundle.refresh();
    this.#meta = effect.meta; // last: who waits for the block finds its bundle too
    this.#wake();
    if (effect.statuses.length > 0) {
      for (const listener of this.#listeners) listener(effect.statuses);
    }
    return true;
  }

  /** Asks how high the ledger is: only who is level knows how old its knowledge is. */
  async #poll(): Promise<void> {
    const { ledger, clock, pollEvery = POLL_EVERY } = this.#options;
    const { signal } = this.#stop;
    while (this.#isAlive()) {
      const askedAt = clock();
      const known = this.#meta.height;
      let wait = pollEvery;
      try {
        const height = await ledger.height();
        this.#ledgerHeight = height;
        this.#troubles.delete('LEDGER_UNAVAILABLE');
        if (height < known) this.#troubles.add('LEDGER_SHORTER');
        else this.#troubles.delete('LEDGER_SHORTER');
        // Blocks go on coming: level is who has those that there were when it asked.
        if (height >= known && (await this.#reaches(height, pollEvery))) {
          await this.#levelWith(askedAt);
        } else wait = Math.min(50, pollEvery);
      } catch {
        this.#troubles.add('LEDGER_UNAVAILABLE');
      }
      await pause(wait, signal);
    }
  }

  /** Waits a while for the blocks below a height. */
  async #reaches(height: number, milliseconds: number): Promise<boolean> {
    if (this.#meta.height < height) {
      const arrived = this.waitForBlock(height - 1).catch(() => undefined);
      await Promise.race([arrived, pause(milliseconds, this.#stop.signal)]);
    }
    return this.#meta.height >= height;
  }

  /** Level as of our own clock, which counts only while the peers share it: they refuse what is stamped two minutes off. */
  async #levelWith(askedAt: number): Promise<void> {
    if (await isClockRefused(this.#options.ledger)) {
      this.#troubles.add('CLOCK_REFUSED');
      return;
    }
    this.#troubles.delete('CLOCK_REFUSED');
    this.#levelAt = askedAt;
    this.#troubles.delete('REPLICA_BEHIND');
  }

  #isAlive(): boolean {
    return !this.#stop.signal.aborted && !this.#troubles.has('LEDGER_CHAIN_BROKEN');
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
