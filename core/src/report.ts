// SPDX-License-Identifier: Apache-2.0
// What a verification found: plain data that goes into JSON as it is. All checks are listed, passed or not.
import type { HolderLevel } from './possession.ts';
import type { ReasonCode } from './reasons.ts';
import type { Label } from './types/definition.ts';

/** The five answers (design of the product; docs/credential-format.md §9). */
export type Verdict = 'VALID' | 'REVOKED' | 'SUSPENDED' | 'INVALID' | 'UNDETERMINED';

/** Names of the checks, in their order. */
export const CHECKS = [
  'format',
  'signature',
  'authority',
  'key',
  'scope',
  'validity',
  'anchor',
  'status',
  'holder',
  'freshness',
] as const;
export type CheckName = (typeof CHECKS)[number];

/** `pass` and `fail` are proven; `unknown` proves nothing. */
export type Outcome = 'pass' | 'fail' | 'unknown';

/**
 * One check: what came out, why, and how old (seconds) the evidence it rests on is. `dueAt` (unix seconds): until when
 * what is pending counts.
 */
export interface CheckResult {
  readonly name: CheckName;
  readonly outcome: Outcome;
  readonly reason: ReasonCode;
  readonly age?: number;
  readonly dueAt?: number;
}

/** One shown field, in words. */
export interface ReportField {
  readonly name: string;
  readonly label: Label;
  readonly text: string;
  readonly valueLabel?: Label;
}

/** The licence a presentation shows; `issuer` and `number` only where the evidence names the authority. */
export interface ReportLicence {
  readonly type: string;
  readonly typeVersion: number;
  readonly label: Label;
  readonly issuer: { readonly uscc: string; readonly name: Label; readonly msp: string } | null;
  readonly number?: string;
  readonly kid: string;
  readonly epoch: number;
  readonly index: number;
  readonly firstDay: number;
  readonly lastDay: number;
  readonly fields: readonly ReportField[];
}

/** Which evidence was used: its time and age in seconds, its version, and who co-signed it (empty: a local replica). */
export interface ReportEvidence {
  readonly at: number;
  readonly age: number;
  readonly version: number;
  readonly msps: readonly string[];
}

/** The outcome of a verification at a time (unix seconds), for an act. */
export interface Report {
  readonly verdict: Verdict;
  readonly act: string;
  readonly at: number;
  readonly holder: HolderLevel | null;
  readonly checks: readonly CheckResult[];
  readonly licence?: ReportLicence;
  readonly evidence: {
    readonly bundle?: ReportEvidence;
    readonly epoch?: ReportEvidence;
  };
}
