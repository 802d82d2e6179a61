// SPDX-License-Identifier: Apache-2.0
// The Ledger interface over the embedded ledger's socket: proposals to peers, agreement among their answers, the commit awaited.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { equals, fromBase64, fromUtf8, toHex } from '@zhenglian/core/bytes';
import { CodedError, isCodedError } from '@zhenglian/core/errors';
import { decodeBlock } from '../block.ts';
import { contractError } from '../contract-error.ts';
import { createSigner, serializeIdentity } from '../identity.ts';
import { callArguments, createEnvelope, createProposal, signProposal } from '../proposal.ts';
import { chaincodeOwner, isEndorsed } from './definition.ts';
import { askBlocks, askHealth, askPeer, askTransaction, order } from './ledger-socket.ts';
import { CODE } from './validation.ts';
import type { CosignedAnswer, Endorsement } from '@zhenglian/core/cosigned-answer';
import type { Signer } from '../identity.ts';
import type { Block, Call, Committed, Ledger, TransactionStatus } from '../ledger.ts';
import type { Proposal, ProposalAnswer } from '../proposal.ts';

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

interface Answered {
  readonly msp: string;
  readonly answer?: ProposalAnswer;
  readonly error?: unknown;
}

interface Agreement {
  readonly payload: Uint8Array;
  readonly result: Uint8Array;
  readonly endorsements: readonly Endorsement[];
}

const DEFAULT_DEADLINE_MS = 60_000;
const LONG_POLL_MS = 15_000;
/** Peers apply a block each in its own time; a call that met two heights is made again. */
const TRIES = 3;
const NO_BYTES = new Uint8Array(0);

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
  readonly #msps: readonly string[];
  readonly #creator: Uint8Array;
  readonly #sign: Signer;
  readonly #closed = new AbortController();

  constructor(options: ConnectOptions, msps: readonly string[]) {
    this.msp = options.msp;
    this.#options = options;
    this.#deadline = options.deadline ?? DEFAULT_DEADLINE_MS;
    // Own organisation first: it is asked before others.
    this.#msps = [options.msp, ...msps.filter((msp) => msp !== options.msp)];
    this.#creator = serializeIdentity(options.msp, options.certificatePem);
    this.#sign = createSigner(options.keyPem);
  }

  async submit(call: Call): Promise<Committed> {
    const { proposal, payload, endorsements, result } = await this.#agree(call);
    const envelope = createEnvelope(proposal, payload, endorsements, this.#sign);
    const blockNumber = await this.#commit(proposal.transactionId, envelope);
    return { transactionId: proposal.transactionId, blockNumber, result: resultBytes(result) };
  }

  async evaluate(call: Call, msp: string = this.msp): Promise<Uint8Array> {
    const signed = signProposal(this.#propose(call).bytes, this.#sign);
    const answer = await askPeer(this.#options.url, msp, signed, this.#deadline);
    if (answer.status >= 400) throw contractError(answer.message);
    return resultBytes(answer.result);
  }

  async evaluateCosigned(
    call: Call,
    msps: readonly string[] = this.#msps,
  ): Promise<CosignedAnswer> {
    let last = await this.#askCosigned(call, msps);
    for (let n = 1; n < TRIES && last.dissent; n++) last = await this.#askCosigned(call, msps);
    return last;
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

  #propose({ chaincode, name, request, extra }: Call): Proposal {
    return createProposal({
      channel: this.#options.channel,
      chaincode,
      args: callArguments(name, request, extra),
      creator: this.#creator,
      nonce: randomBytes(24),
      at: Date.now(),
    });
  }

  /** Endorsement, asked afresh when peers met at two heights: nothing has been ordered yet. */
  async #agree(call: Call): Promise<Agreement & { readonly proposal: Proposal }> {
    for (let tries = 1; ; tries++) {
      const proposal = this.#propose(call);
      try {
        return { proposal, ...(await this.#endorse(call, proposal)) };
      } catch (error) {
        if (!isCodedError(error, 'ENDORSEMENT_MISMATCH') || tries >= TRIES) throw error;
      }
    }
  }

  /** Asks as many organisations as the policy needs, then the others while those asked do not agree. */
  async #endorse({ chaincode }: Call, proposal: Proposal): Promise<Agreement> {
    const signed = signProposal(proposal.bytes, this.#sign);
    const order = this.#candidates(chaincode);
    const answers: Answered[] = [];
    for (let asked = 0; asked < order.length;) {
      const missing = Math.max(1, leastNumber(chaincode, order) - asked);
      const next = order.slice(asked, asked + missing);
      answers.push(...(await Promise.all(next.map((msp) => this.#askOne(msp, signed)))));
      asked += next.length;
      // Everybody asked so far refuses: one more opinion would not change what the caller did wrong.
      if (answers.every(({ answer }) => answer && answer.status >= 400)) break;
      const agreement = agree(answers, (msps) => isEndorsed(chaincode, msps, this.#msps));
      if (agreement) return agreement;
    }
    throw disagreement(answers);
  }

  #candidates(chaincode: string): string[] {
    const owner = chaincodeOwner(chaincode, this.#msps);
    return owner === undefined
      ? [...this.#msps]
      : [owner, ...this.#msps.filter((msp) => msp !== owner)];
  }

  async #askOne(msp: string, signed: Uint8Array): Promise<Answered> {
    try {
      return { msp, answer: await askPeer(this.#options.url, msp, signed, this.#deadline) };
    } catch (error) {
      return { msp, error };
    }
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

  async #askCosigned(call: Call, msps: readonly string[]): Promise<CosignedAnswer> {
    const proposal = this.#propose(call).bytes;
    const signed = signProposal(proposal, this.#sign);
    const answers = await Promise.all(msps.map((msp) => this.#askOne(msp, signed)));
    const groups = groupAnswers(answers);
    const [most, ...others] = groups;
    if (!most) throw disagreement(answers);
    const { payload, endorsements } = most;
    const dissent = others.flatMap((group) =>
      group.endorsements.map((endorsement) => ({ payload: group.payload, ...endorsement })),
    );
    return { proposal, payload, endorsements, ...(dissent.length > 0 && { dissent }) };
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

/** How many organisations a chaincode's policy takes at least. */
function leastNumber(chaincode: string, order: readonly string[]): number {
  const owner = chaincodeOwner(chaincode, order);
  return owner === undefined ? Math.floor(order.length / 2) + 1 : 2;
}

interface Group extends Agreement {
  readonly msps: ReadonlySet<string>;
}

/** Signed answers with one payload each, the largest group first. */
function groupAnswers(answers: readonly Answered[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { msp, answer } of answers) {
    if (!answer?.endorsement || answer.status >= 400) continue;
    const key = toHex(answer.payload);
    const known = groups.get(key);
    groups.set(key, {
      payload: answer.payload,
      result: answer.result,
      endorsements: [...(known?.endorsements ?? []), answer.endorsement],
      msps: new Set([...(known?.msps ?? []), msp]),
    });
  }
  return [...groups.values()].sort((a, b) => b.msps.size - a.msps.size);
}

function agree(
  answers: readonly Answered[],
  isEnough: (msps: ReadonlySet<string>) => boolean,
): Agreement | undefined {
  return groupAnswers(answers).find(({ msps }) => isEnough(msps));
}

/** Why no agreement came about: a refusal first, then differing answers, then peers that are down. */
function disagreement(answers: readonly Answered[]): unknown {
  const refused = answers.find(({ answer }) => answer && answer.status >= 400)?.answer;
  if (refused) return contractError(refused.message);
  const groups = groupAnswers(answers);
  if (groups.length > 1) {
    const detail = groups.map(({ msps }) => [...msps]);
    return new CodedError('ENDORSEMENT_MISMATCH', 'organisations answered differently', { detail });
  }
  const failed = answers.find(({ error }) => error !== undefined)?.error;
  return failed ?? new CodedError('LEDGER_UNAVAILABLE', 'too few organisations answer');
}

function requireValid(found: { code: number; blockNumber: number }, transactionId: string): number {
  const detail = { transactionId, ...found };
  switch (found.code) {
    case CODE.valid:
      return found.blockNumber;
    case CODE.mvccReadConflict:
      throw new CodedError('MVCC_CONFLICT', 'a record changed meanwhile', { detail });
    case CODE.phantomReadConflict:
      throw new CodedError('PHANTOM_CONFLICT', 'a range changed meanwhile', { detail });
    default:
      throw new CodedError('COMMIT_INVALID', `validation code ${String(found.code)}`, { detail });
  }
}

/** Contracts return base64 text of CBOR, or nothing. @throws LEDGER_REFUSED */
function resultBytes(payload: Uint8Array): Uint8Array {
  if (payload.length === 0) return NO_BYTES;
  try {
    return fromBase64(fromUtf8(payload));
  } catch (cause) {
    throw new CodedError('LEDGER_REFUSED', 'the contract did not answer in base64', { cause });
  }
}
