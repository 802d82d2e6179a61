// SPDX-License-Identifier: Apache-2.0
// The embedded network in one process: one chain, every organisation's peer, one order of transactions.
// Write order of a block: (1) the chain, synced; (2) each organisation's state, one batch each; (3) the waiting clients are told.
// Killed after (1), organisations behind apply the missing blocks from the chain at the next start.
import { CodedError } from '@zhenglian/core/errors';
import { concat, equals } from '@zhenglian/core/bytes';
import { createBlock, encodeFlags } from '../block.ts';
import { openTransaction } from '../transaction.ts';
import { transactionId } from '../proposal.ts';
import { requireSigned } from './membership.ts';
import type { BlockStore } from './block-store.ts';
import type { Organisation } from './organisation.ts';
import type { TransactionPlace } from './state-store.ts';
import type { Rules } from './validation.ts';

/** One organisation as the process has it: a running peer, or why it does not run. */
export interface OrganisationStatus {
  readonly msp: string;
  readonly height: number;
  readonly commitHash: Uint8Array;
  /** Why the peer is down; absent when it runs. */
  readonly failure?: string;
}

interface Waiting {
  readonly envelope: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const MAX_BLOCK_TRANSACTIONS = 500;
const MAX_BLOCK_BYTES = 8 << 20;

/** The live network. */
export class LedgerProcess {
  readonly #blocks: BlockStore;
  readonly #organisations: ReadonlyMap<string, Organisation>;
  readonly #failures: Map<string, string>;
  readonly #rules: Rules;
  readonly #queue: Waiting[] = [];
  readonly #listeners = new Set<() => void>();
  #applied = 0;
  #working: Promise<void> | undefined;

  private constructor(
    blocks: BlockStore,
    organisations: ReadonlyMap<string, Organisation>,
    failures: ReadonlyMap<string, string>,
    rules: Rules,
  ) {
    this.#blocks = blocks;
    this.#organisations = organisations;
    this.#failures = new Map(failures);
    this.#rules = rules;
  }

  /** Takes up the chain: writes block 0 (the definition) or compares it, lets every organisation catch up. @throws START_FAILED */
  static async open(
    blocks: BlockStore,
    organisations: ReadonlyMap<string, Organisation>,
    failures: ReadonlyMap<string, string>,
    rules: Rules,
    definition: Uint8Array,
  ): Promise<LedgerProcess> {
    const opened = new LedgerProcess(blocks, organisations, failures, rules);
    if (blocks.height === 0) await blocks.append(createBlock(0, new Uint8Array(0), [definition]));
    const held = blocks.read(0).envelopes[0];
    if (held === undefined || !equals(held, definition)) {
      throw new CodedError('START_FAILED', 'the data directory holds another network');
    }
    await opened.#applyAll();
    return opened;
  }

  get height(): number {
    return this.#applied;
  }

  get channel(): string {
    return this.#rules.channel;
  }

  status(): OrganisationStatus[] {
    return this.#rules.msps.map((msp) => {
      const state = this.#organisations.get(msp)?.state;
      const failure = this.#failures.get(msp);
      return {
        msp,
        height: state?.height ?? 0,
        commitHash: state?.commitHash ?? new Uint8Array(0),
        ...(failure !== undefined && { failure }),
      };
    });
  }

  /** The peer of an organisation. @throws LEDGER_UNAVAILABLE when it is down, LEDGER_REFUSED when there is none */
  peer(msp: string): Organisation {
    const failure = this.#failures.get(msp);
    if (failure !== undefined) throw new CodedError('LEDGER_UNAVAILABLE', `${msp} is down`);
    const organisation = this.#organisations.get(msp);
    if (!organisation) throw new CodedError('LEDGER_REFUSED', 'no such organisation');
    return organisation;
  }

  /**
   * Takes an envelope into the order; resolves when its block is durable.
   * @throws LEDGER_REFUSED when no member signed it, LEDGER_UNAVAILABLE when the chain cannot be written
   */
  async order(envelope: Uint8Array): Promise<void> {
    const {
      transactionId: id,
      nonce,
      creator,
      channel,
      signed,
      signature,
      at,
    } = openTransaction(envelope);
    if (channel !== this.#rules.channel || id !== transactionId(nonce, creator)) {
      throw new CodedError('LEDGER_REFUSED', 'a transaction of another channel or a false id');
    }
    requireSigned(this.#rules.membership, { identity: creator, message: signed, signature, at });
    return new Promise((resolve, reject) => {
      this.#queue.push({ envelope, resolve, reject });
      this.#working ??= this.#work();
    });
  }

  /** Where a transaction stands, as an organisation judged it; undefined while no applied block holds it. */
  transaction(msp: string, id: string): TransactionPlace | undefined {
    return this.peer(msp).state.transaction(id);
  }

  /** Bytes of a block with an organisation's flags, or undefined above its height. */
  block(msp: string, number: number): Uint8Array | undefined {
    const { state } = this.peer(msp);
    if (number >= Math.min(state.height, this.#applied)) return undefined;
    const bytes = this.#blocks.bytes(number);
    const judged = state.judgement(number);
    return bytes && judged && concat(bytes, encodeFlags(judged.codes, judged.commitHash));
  }

  /** Calls back after each applied block until the returned function is called. */
  onBlock(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.#working;
    for (const { state } of this.#organisations.values()) await state.close();
    await this.#blocks.close();
  }

  /** A quiet ledger cuts a block at once; a busy one lets transactions gather while the last block is applied. */
  async #work(): Promise<void> {
    await new Promise(setImmediate);
    while (this.#queue.length > 0) {
      const batch = this.#cut();
      try {
        const envelopes = batch.map(({ envelope }) => envelope);
        const { height, lastHash } = this.#blocks;
        await this.#blocks.append(createBlock(height, lastHash, envelopes));
      } catch (cause) {
        const error = new CodedError('LEDGER_UNAVAILABLE', 'the chain cannot be written', {
          cause,
        });
        for (const { reject } of batch) reject(error);
        continue;
      }
      for (const { resolve } of batch) resolve();
      await this.#applyAll();
    }
    this.#working = undefined;
  }

  #cut(): Waiting[] {
    let size = 0;
    let count = 0;
    for (const { envelope } of this.#queue) {
      size += envelope.length;
      if (count > 0 && (size > MAX_BLOCK_BYTES || count >= MAX_BLOCK_TRANSACTIONS)) break;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  /** Lets each organisation apply what it has not yet; one that fails is down, and the others go on. */
  async #applyAll(): Promise<void> {
    const running = [...this.#organisations.values()].filter(({ msp }) => !this.#failures.has(msp));
    await Promise.all(running.map((organisation) => this.#catchUp(organisation)));
    this.#applied = this.#blocks.height;
    for (const listener of this.#listeners) listener();
  }

  async #catchUp(organisation: Organisation): Promise<void> {
    try {
      if (organisation.state.height > this.#blocks.height) throw new Error('ahead of the chain');
      while (organisation.state.height < this.#blocks.height) {
        await organisation.apply(this.#blocks.read(organisation.state.height));
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown';
      this.#failures.set(organisation.msp, why);
    }
  }
}
