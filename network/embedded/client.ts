// SPDX-License-Identifier: Apache-2.0
// The Ledger interface over the embedded ledger's socket: the commit awaited, blocks as they come.
import { setTimeout as sleep } from 'node:timers/promises';
import { equals } from '@zhenglian/core/bytes';
import { CodedError, isCodedError } from '@zhenglian/core/errors';
import { decodeBlock } from '../block.ts';
import { requireValid } from '../commit-outcome.ts';
import { ProposalClient } from '../proposal-client.ts';
import { askBlocks, askHealth, askPeer, askTransaction, order } from './ledger-socket.ts';
import type { CosignedAnswer } from '@zhenglian/core/cosigned-answer';
import type { Block, Call, Committed, Ledger, TransactionStatus } from '../ledger.ts';

/** How to reach the ledger process, and as whom. */
export interface ConnectOptions {
  readonly url: string;
  readonly msp: string;
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly channel: string;
  /** Milliseconds a call may take; 60,000 unless given. */
  readonly deadline?: number;
}

const DEFAULT_DEADLINE_MS = 60_000;
const LONG_POLL_MS = 15_000;
/** A call that met organisations at two heights is made again, this often. */
const TRIES = 3;

/** Connects as a member of an organisation. @throws LEDGER_UNAVAILABLE, LEDGER_REFUSED (another channel, no key) */
export async function connectEmbedded(options: ConnectOptions): Promise<Ledger> {
  const health = await askHealth(options.url, options.deadline ?? DEFAULT_DEADLINE_MS);
  const msps = health.organisations.map(({ msp }) => msp);
  if (health.channel !== options.channel || !msps.includes(options.msp)) {
    throw new CodedError('LEDGER_REFUSED', 'the ledger serves another channel or consortium');
  }
  return new EmbeddedLedger(options, msps);
}

class EmbeddedLedger implements Ledger {
  readonly msp: string;
  readonly #options: ConnectOptions;
  readonly #deadline: number;
  readonly #client: ProposalClient;
  readonly #closed = new AbortController();

  constructor(options: ConnectOptions, msps: readonly string[]) {
    this.msp = options.msp;
    this.#options = options;
    this.#deadline = options.deadline ?? DEFAULT_DEADLINE_MS;
    const { url } = options;
    this.#client = new ProposalClient({
      ...options,
      msps,
      ask: (msp, signed) => askPeer(url, msp, signed, this.#deadline),
      tries: TRIES,
      pause: 0,
    });
  }

  async submit(call: Call): Promise<Committed> {
    const { transactionId, envelope, result } = await this.#client.endorse(call);
    return { transactionId, blockNumber: await this.#commit(transactionId, envelope), result };
  }

  evaluate(call: Call, msp?: string): Promise<Uint8Array> {
    return this.#client.evaluate(call, msp);
  }

  evaluateCosigned(call: Call, msps?: readonly string[]): Promise<CosignedAnswer> {
    return this.#client.evaluateCosigned(call, msps);
  }

  async *blocks(from: number, signal: AbortSignal): AsyncIterable<Block> {
    const stop = AbortSignal.any([signal, this.#closed.signal]);
    let previous: Uint8Array | undefined;
    for (let next = from; !stop.aborted;) {
      const frames = await this.#pollBlocks(next, stop);
      for (const bytes of frames) {
        const block = decodeBlock(bytes);
        if (block.number !== next || (previous && !equals(block.previousHash, previous))) {
          throw new CodedError('BLOCK_INVALID', `block ${String(next)} does not follow its chain`);
        }
        previous = block.hash;
        next += 1;
        yield block;
      }
    }
  }

  async status(transactionId: string): Promise<TransactionStatus | undefined> {
    const found = await this.#ask(transactionId, 0);
    return found && { transactionId, ...found };
  }

  async height(): Promise<number> {
    return (await askHealth(this.#options.url, this.#deadline)).height;
  }

  close(): Promise<void> {
    this.#closed.abort();
    return Promise.resolve();
  }

  async #commit(id: string, envelope: Uint8Array): Promise<number> {
    const end = Date.now() + this.#deadline;
    try {
      await order(this.#options.url, envelope, this.#deadline);
    } catch (error) {
      if (isCodedError(error, 'LEDGER_REFUSED')) throw error;
      // The socket broke: the transaction may be in the chain or not. Its id will tell.
    }
    while (Date.now() < end) {
      const found = await this.#askPatiently(id, end);
      if (found) return requireValid(found, id);
    }
    throw new CodedError('COMMIT_UNKNOWN', 'no block held the transaction in time', {
      detail: { transactionId: id },
    });
  }

  async #askPatiently(
    id: string,
    end: number,
  ): Promise<{ code: number; blockNumber: number } | undefined> {
    try {
      return await this.#ask(id, Math.min(LONG_POLL_MS, Math.max(0, end - Date.now())));
    } catch (error) {
      if (!isCodedError(error, 'LEDGER_UNAVAILABLE')) throw error;
      await sleep(Math.min(200, Math.max(0, end - Date.now())));
      return undefined;
    }
  }

  #ask(id: string, wait: number): Promise<{ code: number; blockNumber: number } | undefined> {
    return askTransaction(this.#options.url, { msp: this.msp, id, wait }, this.#deadline + wait);
  }

  async #pollBlocks(from: number, signal: AbortSignal): Promise<Uint8Array[]> {
    try {
      const { url } = this.#options;
      return await askBlocks(url, { msp: this.msp, from, wait: LONG_POLL_MS }, signal);
    } catch (error) {
      if (signal.aborted) return [];
      throw error;
    }
  }
}
