// SPDX-License-Identifier: Apache-2.0
// Turns a contract's message (`KEY_BURNED: …`) back into the coded error it was, whichever engine carried it.
import { CodedError } from '@zhenglian/core/errors';
import type { ErrorCode, LedgerErrorCode } from '@zhenglian/core/errors';

const CONTRACT_CODES: Readonly<
  Record<LedgerErrorCode | 'REQUEST_INVALID' | 'LEDGER_REFUSED', true>
> = {
  ACCESS_DENIED: true,
  NOT_FOUNDED: true,
  NOT_FOUND: true,
  EXISTS: true,
  TIME_BACKWARDS: true,
  UNKNOWN_FUNCTION: true,
  ALREADY_FOUNDED: true,
  FOUNDING_INVALID: true,
  SIGNATURE_INVALID: true,
  PROPOSAL_INVALID: true,
  PROPOSAL_CLOSED: true,
  ALREADY_VOTED: true,
  THRESHOLD_NOT_REACHED: true,
  KEY_EXISTS: true,
  SCOPE: true,
  BURN_LATER: true,
  RULE_INVALID: true,
  KEY_BURNED: true,
  KEY_WINDOW: true,
  AUTHORITY_WITHDRAWN: true,
  EPOCH_UNKNOWN: true,
  BATCH_ORDER: true,
  BATCH_ROOT: true,
  STATUS_TRANSITION: true,
  STATUS_ORDER: true,
  INDEX_NOT_ANCHORED: true,
  TRACE_ORDER: true,
  REQUEST_INVALID: true,
  LEDGER_REFUSED: true,
};

/** The coded error of a contract's message; LEDGER_REFUSED when it carries no code of the contracts. */
export function contractError(message: string): CodedError {
  const [, code, rest] = /(?:^|, )([A-Z][A-Z_]+): ([\s\S]*)$/.exec(message) ?? [];
  return code !== undefined && isContractCode(code)
    ? new CodedError<ErrorCode>(code, rest ?? '')
    : new CodedError('LEDGER_REFUSED', message);
}

function isContractCode(code: string): code is keyof typeof CONTRACT_CODES {
  return Object.hasOwn(CONTRACT_CODES, code);
}
