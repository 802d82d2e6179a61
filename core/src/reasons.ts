// SPDX-License-Identifier: Apache-2.0
// Why a check of a verification ended as it did: a closed union of stable codes. Words for people are the page's.
import type { AnswerErrorCode, EncodingErrorCode, FormatErrorCode } from './errors.ts';

/** Codes of the checks of `verify`. */
export type ReasonCode = CheckReason | FormatErrorCode | EncodingErrorCode | AnswerErrorCode;

export type CheckReason =
  | 'OK'
  | 'NO_EVIDENCE'
  | 'EXTENSION_UNKNOWN'
  | 'SIGNATURE_INVALID'
  | 'KEY_UNKNOWN'
  | 'KEY_BURNED'
  | 'KEY_WINDOW'
  | 'AUTHORITY_UNKNOWN'
  | 'AUTHORITY_WITHDRAWN'
  | 'SCOPE_TYPE'
  | 'SCOPE_DIVISION'
  | 'EXPIRED'
  | 'NOT_YET_VALID'
  | 'EXPIRED_BY_CLOCK'
  | 'NOT_YET_BY_CLOCK'
  | 'ANCHOR_PENDING'
  | 'ANCHOR_COVERED'
  | 'ANCHOR_PROVEN'
  | 'ANCHOR_NOT_COVERED'
  | 'ANCHOR_UNPROVEN'
  | 'ANCHOR_PROOF_BAD'
  | 'ANCHOR_MISMATCH'
  | 'ANCHOR_OTHER'
  | 'REVOKED'
  | 'SUSPENDED'
  | 'SUPERSEDED'
  | 'HOLDER_DOCUMENT'
  | 'HOLDER_RECENT'
  | 'HOLDER_CHALLENGED'
  | 'HOLDER_PROOF_MISSING'
  | 'HOLDER_PROOF_INVALID'
  | 'HOLDER_PROOF_OLD'
  | 'HOLDER_LEVEL'
  | 'PRESENTATION_REPLAYED'
  | 'REQUEST_EXPIRED'
  | 'POLICY_UNKNOWN'
  | 'BUNDLE_STALE'
  | 'STATUS_STALE'
  | 'CLOCK_BEHIND'
  | 'NOT_CHECKED';
