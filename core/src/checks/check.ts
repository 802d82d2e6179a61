// SPDX-License-Identifier: Apache-2.0
// What every check works on, and the shape of what it says.
import type { InclusionProof } from '../anchor.ts';
import type { OpenedPresentation } from '../presentation.ts';
import type { Challenge } from '../possession.ts';
import type { ReasonCode } from '../reasons.ts';
import type { Authority } from '../records/authority.ts';
import type { AuthorityKey } from '../records/key.ts';
import type { ActPolicy } from '../records/policy.ts';
import type { CheckName, CheckResult, Outcome } from '../report.ts';
import type { EpochFacts, TrustFacts } from '../trust.ts';
import type { TypeDefinition } from '../types/definition.ts';
import type { Wire } from '../wire.ts';

/** What is believed when a presentation is assessed; what is missing is missing. */
export interface Facts {
  readonly trust?: TrustFacts;
  readonly epoch?: EpochFacts;
  /** Not believed by itself: it is checked against the epoch's roots. */
  readonly inclusion?: InclusionProof;
}

/** What the checker wants to know. `networkId` is the pinned one. */
export interface AssessPolicy {
  readonly networkId: Uint8Array;
  readonly act: string;
  /** The request this presentation should answer; `expiresAt` in unix seconds. */
  readonly request?: Challenge & { readonly expiresAt?: number };
  /** The checker has seen this very proof before. */
  readonly replayed?: boolean;
}

/** Everything the checks see: the parsed code, its type, and the records of its issuer. */
export interface Subject {
  readonly wire: Wire;
  readonly type: TypeDefinition;
  readonly opened: OpenedPresentation;
  readonly facts: Facts;
  readonly policy: AssessPolicy;
  readonly now: number;
  readonly trust?: TrustFacts;
  readonly key?: AuthorityKey;
  /** Whether the signature is that of the key; there when the key is. */
  readonly signed?: boolean;
  readonly authority?: Authority;
  readonly actPolicy?: ActPolicy;
}

/** A check reads the subject and says what it found. */
export type Check = (subject: Subject) => CheckResult;

/** Makes a result. */
export function found(
  name: CheckName,
  outcome: Outcome,
  reason: ReasonCode,
  age?: number,
): CheckResult {
  return { name, outcome, reason, ...(age === undefined ? {} : { age }) };
}
