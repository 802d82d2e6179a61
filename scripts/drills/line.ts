// SPDX-License-Identifier: Apache-2.0
// A line of batches, anchored one after the other while a drill breaks things: what was accepted, the longest gap, and at the end whether
// the chain, and the evidence that the organisations co-sign, hold exactly what was accepted.
import { setTimeout as sleep } from 'node:timers/promises';
import { equals } from '@zhenglian/core/bytes';
import { isCodedError } from '@zhenglian/core/errors';
import { anchorRoot } from '@zhenglian/core/anchor';
import type { Call, Ledger } from '@zhenglian/network/ledger';
import { batchesOf, readTransactions } from './chain.ts';
import { STUCK_MS } from './drill.ts';
import { batchCall, drillLeaves, openEpoch, readCosignedEpoch, registerKey } from './issuer.ts';
import type { IssuerKey, IssuerParts } from './issuer.ts';
import { isNothingDone, steady } from './steady.ts';

/** What a line did. */
export interface LineResult {
  readonly accepted: number;
  /** Accepted, and not in the chain. */
  readonly lost: number;
  /** In the chain twice, or without having been accepted. */
  readonly strange: number;
  /** Transactions made again after an error that said so. */
  readonly repeated: number;
  readonly longestGapMs: number;
}

interface Held {
  readonly n: number;
  readonly root: Uint8Array;
}

const LEAVES = 10;
const PAUSE_MS = 200;

/** A line: `start`, break things, `end`. */
export class DrillLine {
  readonly #parts: IssuerParts;
  readonly #epoch: number;
  readonly #from: number;
  readonly #roots: Uint8Array[] = [];
  #key: IssuerKey;
  #repeated = 0;
  #longestGapMs = 0;
  #stopping = false;
  #failure: Error | undefined;
  #running: Promise<void> = Promise.resolve();

  private constructor(parts: IssuerParts, key: IssuerKey, epoch: number, from: number) {
    this.#parts = parts;
    this.#key = key;
    this.#epoch = epoch;
    this.#from = from;
  }

  /** Registers a key, opens an epoch, and anchors until `end`. */
  static async start(parts: IssuerParts): Promise<DrillLine> {
    const from = await parts.ledger.height();
    const line = new DrillLine(parts, await registerKey(parts), await openEpoch(parts), from);
    await line.#anchor();
    line.#running = line.#run();
    return line;
  }

  /** Batches that were accepted. */
  get accepted(): number {
    return this.#roots.length;
  }

  /** The key that signs now; a burned one is replaced. */
  get kid(): Uint8Array {
    return this.#key.kid;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** What was before does not count: the longest gap is that of what is broken now. */
  forgetGap(): void {
    this.#longestGapMs = 0;
  }

  /** Index of the last leaf accepted so far. */
  get lastIndex(): number {
    return this.accepted * LEAVES - 1;
  }

  /** Stops for a reason of somebody else's: whoever waits for it hears the reason. */
  abandon(reason: Error): void {
    this.#failure ??= reason;
    this.#stopping = true;
  }

  /** Waits until so many more batches were accepted. @throws what stopped the line; Error when it is stuck */
  async await(more: number): Promise<void> {
    const goal = this.accepted + more;
    const end = Date.now() + STUCK_MS;
    while (this.accepted < goal) {
      if (this.#failure !== undefined) throw this.#failure;
      if (Date.now() > end) throw new Error(`the line is stuck after ${String(this.accepted)}`);
      await sleep(50);
    }
  }

  /** Stops, and compares what was accepted with what the organisations co-sign and with the blocks of the reader's peer. @throws what stopped the line */
  async end(reader: Ledger): Promise<LineResult> {
    this.#stopping = true;
    await this.#running;
    if (this.#failure !== undefined) throw this.#failure;
    const [cosigned, chain] = [await this.#cosigned(), await this.#chain(reader)];
    const lost = (held: readonly Held[]) =>
      this.#roots.filter((root, n) => !isOnceAt(held, n, root)).length;
    const strange = (held: readonly Held[]) => held.length - this.accepted + lost(held);
    return {
      accepted: this.accepted,
      lost: Math.max(lost(cosigned), lost(chain)),
      strange: Math.max(0, strange(cosigned), strange(chain)),
      repeated: this.#repeated,
      longestGapMs: this.#longestGapMs,
    };
  }

  async #run(): Promise<void> {
    try {
      while (!this.#stopping) {
        const started = Date.now();
        await this.#anchor();
        this.#longestGapMs = Math.max(this.#longestGapMs, Date.now() - started);
      }
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
    }
  }

  /** One batch, until it is in the chain: the batch's own key makes it exactly once. */
  async #anchor(): Promise<void> {
    const n = this.accepted;
    const leaves = drillLeaves(this.#epoch, n * LEAVES, LEAVES);
    const place = { epoch: this.#epoch, n, first: n * LEAVES };
    for (let tries = 0; ; tries++) {
      try {
        await this.#submit(batchCall(this.#parts, this.#key, place, leaves), tries);
        break;
      } catch (error) {
        if (!isCodedError(error, 'KEY_BURNED')) throw error;
        this.#key = await registerKey(this.#parts);
      }
    }
    this.#roots.push(anchorRoot(leaves));
  }

  async #submit(call: Call, triesBefore: number): Promise<void> {
    for (let tries = triesBefore; ; tries++) {
      try {
        await this.#parts.ledger.submit(call);
        return;
      } catch (error) {
        // An attempt whose outcome was unknown had arrived.
        if (tries > 0 && isCodedError(error, 'EXISTS')) return;
        if (!isNothingDone(error) && !isCodedError(error, 'COMMIT_UNKNOWN')) throw error;
        this.#repeated += 1;
        await sleep(PAUSE_MS);
      }
    }
  }

  async #cosigned(): Promise<readonly Held[]> {
    const parts = { ...this.#parts, ledger: steady(this.#parts.ledger) };
    return (await readCosignedEpoch(parts, this.#epoch)).facts.evidence.batches;
  }

  async #chain(reader: Ledger): Promise<readonly Held[]> {
    const all = batchesOf(await readTransactions(reader, this.#from));
    return all.filter(({ uscc, epoch }) => uscc === this.#parts.uscc && epoch === this.#epoch);
  }
}

function isOnceAt(held: readonly Held[], n: number, root: Uint8Array): boolean {
  const found = held.filter((batch) => batch.n === n);
  return found.length === 1 && found.every((batch) => equals(batch.root, root));
}
