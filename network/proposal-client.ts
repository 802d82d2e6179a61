// SPDX-License-Identifier: Apache-2.0
// Asks peers in Fabric's messages, whichever engine carries them: endorsement by the policy of docs/ledger.md §10, questions, co-signed answers.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isCodedError } from '@zhenglian/core/errors';
import { disagreement, groupAnswers, isDivided, isRefusal, resultBytes } from './agreement.ts';
import { contractError } from './contract-error.ts';
import { chaincodeOwner, isEndorsed } from './definition.ts';
import { createSigner, serializeIdentity } from './identity.ts';
import { callArguments, createEnvelope, createProposal, signProposal } from './proposal.ts';
import type { CosignedAnswer } from '@zhenglian/core/cosigned-answer';
import type { Agreement, Answered } from './agreement.ts';
import type { MemberIdentity, Signer } from './identity.ts';
import type { Call } from './ledger.ts';
import type { Proposal, ProposalAnswer } from './proposal.ts';

/** Who asks, whom, and how bytes get there. */
export interface ProposalClientOptions extends MemberIdentity {
  readonly channel: string;
  readonly msps: readonly string[];
  /** Carries a SignedProposal to an organisation's peer. */
  readonly ask: (msp: string, signedProposal: Uint8Array) => Promise<ProposalAnswer>;
  /** Peers apply a block each in its own time; a call that met two heights is made again, this often. */
  readonly tries: number;
  /** Milliseconds before the second try; twice as long before each further one. */
  readonly pause: number;
}

/** A transaction that enough organisations endorsed, ready for the orderer. */
export interface Endorsed {
  readonly transactionId: string;
  readonly envelope: Uint8Array;
  readonly result: Uint8Array;
}

/** A co-signed answer, and whose peers agreed to it and contradicted it. */
interface Cosigned {
  readonly answer: CosignedAnswer;
  readonly agreeing: readonly string[];
  readonly dissenters: readonly string[];
}

/** How long a silent peer is waited for before another is asked beside it: it may be cut off, and its connection's deadline far away. */
const PATIENCE_MS = 2000;
/** The same where no other can be asked instead: a dissenter may be slow. */
const DISSENT_PATIENCE_MS = 5000;

/** Who kept silent is asked after the others for this long: one that is cut off costs that wait now and then, not at every call. */
const LATE_MS = 10_000;

/** Who contradicted the others through all tries is not asked for co-signed answers for this long, and then without tries of its own. */
const DISSENT_MS = 60_000;

/** A client that has proposals endorsed and answered. */
export class ProposalClient {
  readonly #options: ProposalClientOptions;
  readonly #msps: readonly string[];
  readonly #creator: Uint8Array;
  readonly #sign: Signer;
  /** Until when an organisation is asked after the others. */
  readonly #lateUntil = new Map<string, number>();
  /** Until when a dissenter is left out of co-signed answers; it stands here until it agrees with the others again. */
  readonly #leftOutUntil = new Map<string, number>();

  constructor(options: ProposalClientOptions) {
    this.#options = options;
    // Own organisation first: it is asked before others.
    this.#msps = [options.msp, ...options.msps.filter((msp) => msp !== options.msp)];
    this.#creator = serializeIdentity(options.msp, options.certificatePem);
    this.#sign = createSigner(options.keyPem);
  }

  /** Endorsement, asked afresh when peers met at two heights: nothing has been ordered yet. @throws as `Ledger.submit`, but nothing of commits */
  async endorse(call: Call): Promise<Endorsed> {
    for (let tries = 1; ; tries++) {
      const proposal = this.#propose(call);
      const answers = await this.#askForPolicy(call.chaincode, proposal);
      const agreement = this.#agreed(call.chaincode, answers);
      if (agreement) return this.#envelope(proposal, agreement);
      const again = isDivided(answers) || isMismatch(disagreement(answers));
      if (!again || tries >= this.#options.tries) throw disagreement(answers);
      await this.#pause(tries);
    }
  }

  /** Asks one peer. @throws as `Ledger.evaluate` */
  async evaluate(call: Call, msp: string = this.#options.msp): Promise<Uint8Array> {
    return resultBytes(await this.evaluateRaw(call, msp));
  }

  /** As `evaluate`, for chaincodes that do not answer in base64. */
  async evaluateRaw(call: Call, msp: string = this.#options.msp): Promise<Uint8Array> {
    const signed = signProposal(this.#propose(call).bytes, this.#sign);
    const answer = await this.#options.ask(msp, signed);
    if (isRefusal(answer)) throw contractError(answer.message);
    return answer.result;
  }

  /** Asks several peers and keeps their signed answers; a known dissenter only when named. @throws as `Ledger.evaluateCosigned` */
  async evaluateCosigned(call: Call, named?: readonly string[]): Promise<CosignedAnswer> {
    const msps = named ?? this.#withoutDissenters();
    let last = await this.#askCosigned(call, msps);
    let always = last.dissenters;
    const isNews = () => last.dissenters.some((msp) => !this.#leftOutUntil.has(msp));
    for (let n = 1; n < this.#options.tries && isNews(); n++) {
      await this.#pause(n);
      last = await this.#askCosigned(call, msps);
      const { dissenters } = last;
      always = always.filter((msp) => dissenters.includes(msp));
    }
    for (const msp of last.agreeing) this.#leftOutUntil.delete(msp);
    // A peer that is a block behind differs once or twice; only who stood against a majority every time is left out.
    const isMajority = last.agreeing.length > msps.length / 2;
    if (isMajority) for (const msp of always) this.#leftOutUntil.set(msp, Date.now() + DISSENT_MS);
    return last.answer;
  }

  /** Everybody but known dissenters; everybody when no majority would be left. */
  #withoutDissenters(): readonly string[] {
    const isAsked = (msp: string) => (this.#leftOutUntil.get(msp) ?? 0) <= Date.now();
    const asked = this.#msps.filter(isAsked);
    return asked.length > this.#msps.length / 2 ? asked : this.#msps;
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

  #envelope(proposal: Proposal, { payload, endorsements, result }: Agreement): Endorsed {
    const envelope = createEnvelope(proposal, payload, endorsements, this.#sign);
    return { transactionId: proposal.transactionId, envelope, result: resultBytes(result) };
  }

  /**
   * Asks as many organisations as the policy needs, then the others while those asked do not agree: one that is behind refuses what the
   * others would not. One that keeps silent is waited for, and after a while the next is asked beside it.
   */
  async #askForPolicy(chaincode: string, proposal: Proposal): Promise<Answered[]> {
    const signed = signProposal(proposal.bytes, this.#sign);
    const owner = chaincodeOwner(chaincode, this.#msps);
    const ready = this.#readyFirst();
    const order = owner === undefined ? ready : [owner, ...without(ready, owner)];
    const least = owner === undefined ? Math.floor(order.length / 2) + 1 : 2;
    const answers: Answered[] = [];
    const silent = new Map<string, Promise<void>>();
    const left = [...order];
    const askNext = (count: number) => {
      for (const msp of left.splice(0, count)) {
        const answered = this.#askOne(msp, signed).then((answer) => {
          answers.push(answer);
          silent.delete(msp);
          if (answer.answer) this.#lateUntil.delete(msp);
        });
        silent.set(msp, answered);
      }
    };
    askNext(least);
    while (!this.#agreed(chaincode, answers) && silent.size + left.length > 0) {
      if (silent.size === 0) askNext(Math.max(1, least - answers.length));
      else if (!(await settlesWithin(PATIENCE_MS, silent.values()))) {
        for (const msp of silent.keys()) this.#lateUntil.set(msp, Date.now() + LATE_MS);
        askNext(1);
      }
    }
    return answers;
  }

  /** The organisations in their order, those that kept silent lately at the end. */
  #readyFirst(): string[] {
    const isLate = (msp: string) => (this.#lateUntil.get(msp) ?? 0) > Date.now();
    const msps = this.#msps;
    return [...msps.filter((msp) => !isLate(msp)), ...msps.filter((msp) => isLate(msp))];
  }

  #agreed(chaincode: string, answers: readonly Answered[]): Agreement | undefined {
    return groupAnswers(answers).find(({ msps }) => isEndorsed(chaincode, msps, this.#msps));
  }

  /** Everybody's answer; once most have given theirs, the silent are waited for a while only. */
  async #askAll(msps: readonly string[], signed: Uint8Array): Promise<Answered[]> {
    const answers: Answered[] = [];
    const silent = new Set<Promise<void>>();
    for (const msp of msps) {
      const answered = this.#askOne(msp, signed).then((answer) => {
        answers.push(answer);
        silent.delete(answered);
      });
      silent.add(answered);
    }
    while (silent.size > 0) {
      const most = groupAnswers(answers)[0]?.msps.size ?? 0;
      const isEnough = most > msps.length / 2;
      if (!(await settlesWithin(DISSENT_PATIENCE_MS, silent)) && isEnough) break;
    }
    return answers;
  }

  async #askOne(msp: string, signed: Uint8Array): Promise<Answered> {
    try {
      return { msp, answer: await this.#options.ask(msp, signed) };
    } catch (error) {
      return { msp, error };
    }
  }

  async #askCosigned(call: Call, msps: readonly string[]): Promise<Cosigned> {
    const proposal = this.#propose(call).bytes;
    const signed = signProposal(proposal, this.#sign);
    const answers = await this.#askAll(msps, signed);
    const [most, ...others] = groupAnswers(answers);
    if (!most) throw disagreement(answers);
    const { payload, endorsements } = most;
    const dissent = others.flatMap((group) =>
      group.endorsements.map((endorsement) => ({ payload: group.payload, ...endorsement })),
    );
    return {
      answer: { proposal, payload, endorsements, ...(dissent.length > 0 && { dissent }) },
      agreeing: [...most.msps],
      dissenters: others.flatMap((group) => [...group.msps]),
    };
  }

  async #pause(tries: number): Promise<void> {
    const { pause } = this.#options;
    if (pause > 0) await sleep(pause * 2 ** (tries - 1));
  }
}

/** Tells whether one of these promises, which never reject, settles in time. */
async function settlesWithin(ms: number, waiting: Iterable<Promise<void>>): Promise<boolean> {
  const stop = new AbortController();
  const patience = sleep(ms, false, { signal: stop.signal }).catch(() => false);
  const settled = Promise.race(waiting).then(() => true);
  try {
    return await Promise.race([settled, patience]);
  } finally {
    stop.abort();
  }
}

function isMismatch(error: unknown): boolean {
  return isCodedError(error, 'ENDORSEMENT_MISMATCH');
}

function without(msps: readonly string[], msp: string): string[] {
  return msps.filter((each) => each !== msp);
}
