// SPDX-License-Identifier: Apache-2.0
// The Ledger interface over Hyperledger Fabric (docs/ledger.md §11). Each endorser is asked itself, so that a dissenter is heard; an outcome
// that is not known is looked up in the chain by its id, never repeated.
import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError, isCodedError } from '@zhenglian/core/errors';
import { decodeBlock } from '@zhenglian/network/block';
import { requireValid } from '@zhenglian/network/commit-outcome';
import { createAnswerReader } from '@zhenglian/network/fabric/answer-reader';
import {
  blockOfTransactionCall,
  chainInfoCall,
  isUnknownTransaction,
  prepareTransaction,
  readHeight,
} from '@zhenglian/network/fabric/messages';
import { ProposalClient } from '@zhenglian/network/proposal-client';
import type { CosignedAnswer } from '@zhenglian/core/cosigned-answer';
import type { FabricMember } from '@zhenglian/network/fabric/members';
import type { Block, Call, Committed, Ledger, TransactionStatus } from '@zhenglian/network/ledger';
import { BlockSource } from './blocks/block-source.ts';
import type { BlockPeers, PeerLeft } from './blocks/block-source.ts';
import { openFabric } from './fabric-connection.ts';
import type { FabricConnection } from './fabric-connection.ts';

/** How to reach the network, and as whom. */
export interface FabricOptions extends FabricMember {
  /** Milliseconds until a commit is called unknown; 60,000 unless given: a leader that dies costs eight of them. */
  readonly deadline?: number;
  /** Told of every peer that blocks are no longer read from, and why. */
  readonly report?: (left: PeerLeft) => void;
}

const COMMIT_DEADLINE_MS = 60_000;
const ASK_DEADLINE_MS = 30_000;
/** Peers apply a block each in its own time: six tries take 3 s. */
const TRIES = 6;
const PAUSE_MS = 100;
const LOOK_MS = 500;
/** Every organisation's peer is asked for the height: who waits to be level must not keep them busy. */
const HEIGHT_EVERY_MS = 250;

/** Connects as a member of an organisation, on one long-lived client. @throws LEDGER_UNAVAILABLE, LEDGER_REFUSED (no such channel or member) */
export async function connectFabric(options: FabricOptions): Promise<Ledger> {
  const ledger = new FabricLedger(options);
  try {
    await ledger.height();
    return ledger;
  } catch (error) {
    await ledger.close();
    throw error;
  }
}

class FabricLedger implements Ledger {
  readonly msp: string;
  readonly #channel: string;
  readonly #deadline: number;
  readonly #connection: FabricConnection;
  readonly #client: ProposalClient;
  /** Whose peers are known, the own organisation's first. */
  readonly #msps: readonly string[];
  readonly #source: BlockSource;
  #heightAskedAt = 0;
  readonly #closed = new AbortController();

  constructor(options: FabricOptions) {
    this.msp = options.msp;
    this.#channel = options.channel;
    this.#deadline = options.deadline ?? COMMIT_DEADLINE_MS;
    const connection = openFabric(options);
    this.#connection = connection;
    const read = createAnswerReader(new Map(options.peers.map((peer) => [peer.msp, peer.rootPem])));
    this.#client = new ProposalClient({
      ...options,
      msps: options.peers.map(({ msp }) => msp),
      ask: async (msp, signed) => {
        const bytes = await connection.ask(msp, signed, Date.now() + ASK_DEADLINE_MS);
        return read(msp, bytes, Math.floor(Date.now() / 1000));
      },
      tries: TRIES,
      pause: PAUSE_MS,
    });
    const { channel, genesisHash, report } = options;
    this.#msps = ownFirst(
      options.msp,
      options.peers.map(({ msp }) => msp),
    );
    const peers: BlockPeers = {
      msps: this.#msps,
      blocks: (msp, from, signal) => connection.blocks(msp, from, signal),
      height: async (msp) =>
        readHeight(await this.#client.evaluateRaw(chainInfoCall(channel), msp)),
    };
    const pin = { channel, genesisHash };
    this.#source = new BlockSource({ peers, pin, ...(report && { report }) });
  }

  async submit(call: Call): Promise<Committed> {
    const { transactionId, envelope, result } = await this.#client.endorse(call);
    const found = await this.#commit(transactionId, envelope);
    return { transactionId, blockNumber: requireValid(found, transactionId), result };
  }

  evaluate(call: Call, msp?: string): Promise<Uint8Array> {
    return this.#client.evaluate(call, msp);
  }

  evaluateCosigned(call: Call, msps?: readonly string[]): Promise<CosignedAnswer> {
    return this.#client.evaluateCosigned(call, msps);
  }

  blocks(from: number, signal: AbortSignal): AsyncIterable<Block> {
    return this.#source.blocks(from, AbortSignal.any([signal, this.#closed.signal]));
  }

  /** As the own peer says, or while it is away another one; what is released waits for confirmed blocks in any case. */
  async status(transactionId: string): Promise<TransactionStatus | undefined> {
    let away: unknown;
    for (const msp of this.#msps) {
      try {
        return await this.#statusBy(msp, transactionId);
      } catch (error) {
        if (!isCodedError(error, 'LEDGER_UNAVAILABLE')) throw error;
        away ??= error;
      }
    }
    throw away;
  }

  async #statusBy(msp: string, transactionId: string): Promise<TransactionStatus | undefined> {
    try {
      const question = blockOfTransactionCall(this.#channel, transactionId);
      const block = decodeBlock(await this.#client.evaluateRaw(question, msp));
      const found = block.transactions.find(({ id }) => id === transactionId);
      return found && { transactionId, code: found.code, blockNumber: block.number };
    } catch (error) {
      if (isCodedError(error) && isUnknownTransaction(error.message)) return undefined;
      throw error;
    }
  }

  async height(): Promise<number> {
    const wait = this.#heightAskedAt + HEIGHT_EVERY_MS - Date.now();
    if (wait > 0) await sleep(wait);
    this.#heightAskedAt = Date.now();
    return this.#source.height();
  }

  close(): Promise<void> {
    this.#closed.abort();
    this.#connection.close();
    return Promise.resolve();
  }

  /** Orders a transaction once. After an error it may still be in the chain, or in an orderer's pool: until the deadline the chain is asked for it. */
  async #commit(
    id: string,
    envelope: Uint8Array,
  ): Promise<{ readonly code: number; readonly blockNumber: number }> {
    const end = Date.now() + this.#deadline;
    let cause: unknown;
    try {
      return await this.#connection.submit(prepareTransaction(id, envelope), end);
    } catch (error) {
      if (isCodedError(error, 'LEDGER_REFUSED')) throw error;
      cause = error;
    }
    for (;;) {
      const found = await this.#look(id);
      if (found) return found;
      if (Date.now() >= end || this.#closed.signal.aborted) break;
      await sleep(Math.min(LOOK_MS, Math.max(0, end - Date.now())));
    }
    throw new CodedError('COMMIT_UNKNOWN', 'no block held the transaction in time', {
      detail: { transactionId: id },
      cause,
    });
  }

  async #look(id: string): Promise<TransactionStatus | undefined> {
    try {
      return await this.status(id);
    } catch {
      return undefined; // not told now, whatever the peer says of why: the outcome stays unknown
    }
  }
}

/** Blocks are read at home while that peer is well. */
function ownFirst(own: string, msps: readonly string[]): string[] {
  return [own, ...msps.filter((msp) => msp !== own)];
}
