// SPDX-License-Identifier: Apache-2.0
// What several peers said to one proposal: groups that agree, and why no agreement came about. Shared by both engines.
import { fromBase64, fromUtf8, toHex } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import { contractError } from './contract-error.ts';
import type { Endorsement } from '@zhenglian/core/cosigned-answer';
import type { ProposalAnswer } from './proposal.ts';

/** One organisation's peer: what it answered, or why it did not. */
export interface Answered {
  readonly msp: string;
  readonly answer?: ProposalAnswer;
  readonly error?: unknown;
}

/** Signed answers with one payload. */
export interface Agreement {
  readonly payload: Uint8Array;
  readonly result: Uint8Array;
  readonly endorsements: readonly Endorsement[];
  readonly msps: ReadonlySet<string>;
}

/** Signed answers with one payload each, the largest group first. */
export function groupAnswers(answers: readonly Answered[]): Agreement[] {
  const groups = new Map<string, Agreement>();
  for (const { msp, answer } of answers) {
    if (!answer?.endorsement || isRefusal(answer)) continue;
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

/** Tells whether a contract or peer refused; such answers carry no endorsement. */
export function isRefusal(answer: ProposalAnswer): boolean {
  return answer.status >= 400;
}

/** Tells whether peers contradict each other: one of them may be behind, so asking afresh may help. */
export function isDivided(answers: readonly Answered[]): boolean {
  const groups = groupAnswers(answers);
  const refused = answers.some(({ answer }) => answer && isRefusal(answer));
  return groups.length > 1 || (refused && groups.length > 0);
}

/** Why no agreement came about: a refusal first, then differing answers, then peers that are down. */
export function disagreement(answers: readonly Answered[]): unknown {
  const refused = answers.find(({ answer }) => answer && isRefusal(answer))?.answer;
  if (refused) return contractError(refused.message);
  const groups = groupAnswers(answers);
  if (groups.length > 1) {
    const detail = groups.map(({ msps }) => [...msps]);
    return new CodedError('ENDORSEMENT_MISMATCH', 'organisations answered differently', { detail });
  }
  const failed = answers.find(({ error }) => error !== undefined)?.error;
  return failed ?? new CodedError('LEDGER_UNAVAILABLE', 'too few organisations answer');
}

/** Contracts return base64 text of CBOR, or nothing. @throws LEDGER_REFUSED */
export function resultBytes(payload: Uint8Array): Uint8Array {
  if (payload.length === 0) return new Uint8Array(0);
  try {
    return fromBase64(fromUtf8(payload));
  } catch (cause) {
    throw new CodedError('LEDGER_REFUSED', 'the contract did not answer in base64', { cause });
  }
}
