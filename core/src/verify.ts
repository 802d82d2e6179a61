// SPDX-License-Identifier: Apache-2.0
// The whole verification: bytes from a gateway nobody has to believe, a pinned fingerprint, one report.
import type { InclusionProof } from './anchor.ts';
import { assess, locate } from './assess.ts';
import type { AssessPolicy, Facts } from './assess.ts';
import { equals } from './bytes.ts';
import type { CosignedAnswer } from './cosigned-answer.ts';
import { dissentingState } from './dissent.ts';
import { isCodedError } from './errors.ts';
import type { AnswerErrorCode } from './errors.ts';
import type { StatusState } from './records/status.ts';
import type { Report } from './report.ts';
import { readEpochEvidence, readTrustBundle } from './trust.ts';
import type { EpochFacts, Pin, TrustFacts } from './trust.ts';

/** What a gateway or a cache handed over; nothing of it is believed. */
export interface Evidence {
  readonly bundle?: CosignedAnswer;
  readonly epoch?: CosignedAnswer;
  readonly inclusion?: InclusionProof;
}

/** What the checker pins and wants: see `AssessPolicy`; versions below those seen before are refused. */
export interface VerifyPolicy extends AssessPolicy {
  /** The nonce both answers must carry, where they were asked for on line. */
  readonly nonce?: Uint8Array;
  readonly leastVersions?: { readonly bundle?: number; readonly epoch?: number };
}

/** An organisation that signed otherwise on the question of the bundle or the epoch; `state`: what it says of this copy. */
export interface ReportDissent {
  readonly about: 'bundle' | 'epoch';
  readonly msp: string;
  readonly state?: StatusState;
}

/** A report, why evidence was not believed where it was not, and who signed otherwise than what was believed. */
export interface VerifyReport extends Report {
  readonly refused: { readonly bundle?: AnswerErrorCode; readonly epoch?: AnswerErrorCode };
  readonly dissent: readonly ReportDissent[];
}

/** Verifies a presentation. Pure; `now` is the device's clock in unix seconds, which is not believed either. */
export function verify(
  presentation: string,
  evidence: Evidence,
  policy: VerifyPolicy,
  now: number,
): VerifyReport {
  const { bundle } = evidence;
  const trust = attempt(bundle && (() => readTrustBundle(bundle, pinOf(policy, 'bundle'))));
  const epoch = attempt(readerOfEpoch(presentation, evidence.epoch, trust.value, policy));
  const facts: Facts = {
    ...(trust.value ? { trust: trust.value } : {}),
    ...(epoch.value ? { epoch: epoch.value } : {}),
    ...(evidence.inclusion ? { inclusion: evidence.inclusion } : {}),
  };
  return {
    ...assess(presentation, facts, policy, now),
    refused: {
      ...(trust.refused ? { bundle: trust.refused } : {}),
      ...(epoch.refused ? { epoch: epoch.refused } : {}),
    },
    dissent: describeDissent(presentation, trust.value, epoch.value),
  };
}

/** The verdict rests on what enough organisations co-signed; who said otherwise is told beside it. */
function describeDissent(
  presentation: string,
  trust: TrustFacts | undefined,
  epoch: EpochFacts | undefined,
): readonly ReportDissent[] {
  const index = locate(presentation)?.index ?? 0;
  const others = (epoch?.dissent ?? []).map((dissenter) => {
    const state = dissentingState(dissenter, index);
    const { msp } = dissenter;
    return { about: 'epoch' as const, msp, ...(state === undefined ? {} : { state }) };
  });
  const bundles = (trust?.dissent ?? []).map(({ msp }) => ({ about: 'bundle' as const, msp }));
  return [...bundles, ...others];
}

function readerOfEpoch(
  presentation: string,
  answer: CosignedAnswer | undefined,
  trust: TrustFacts | undefined,
  policy: VerifyPolicy,
): (() => EpochFacts) | undefined {
  const place = locate(presentation);
  const key = place && trust?.bundle.keys.find((k) => equals(k.kid, place.kid));
  if (!answer || !trust || !key) return undefined;
  const asked = { uscc: key.uscc, epoch: place.epoch };
  return () => readEpochEvidence(answer, trust, asked, pinOf(policy, 'epoch'));
}

function pinOf(policy: VerifyPolicy, which: 'bundle' | 'epoch'): Pin {
  const leastVersion = policy.leastVersions?.[which];
  return {
    networkId: policy.networkId,
    ...(policy.nonce === undefined ? {} : { nonce: policy.nonce }),
    ...(leastVersion === undefined ? {} : { leastVersion }),
  };
}

/** Evidence that is not believed is no evidence; a fault of this program is not caught. */
function attempt<T>(read: (() => T) | undefined): {
  readonly value?: T;
  readonly refused?: AnswerErrorCode;
} {
  if (read === undefined) return {};
  try {
    return { value: read() };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return {
      refused: error.code.startsWith('ANSWER_') ? (error.code as AnswerErrorCode) : 'ANSWER_SHAPE',
    };
  }
}
