// SPDX-License-Identifier: Apache-2.0
// The one error class of the product. Codes are API and do not change; messages may.
// Every area keeps its own closed union here, and every code has a test.

/** Codes of `core/src/identifiers`. */
export type IdentifierErrorCode =
  | 'CITIZEN_ID_INVALID'
  | 'USCC_INVALID'
  | 'DIVISION_INVALID'
  | 'LICENCE_ID_INVALID'
  | 'FILE_NUMBER_INVALID';

/** Codes of bytes, CBOR, shapes and certificates. */
export type EncodingErrorCode =
  | 'ENCODING_INVALID'
  | 'CBOR_TOO_LARGE'
  | 'CBOR_TOO_DEEP'
  | 'CBOR_MALFORMED'
  | 'CBOR_NOT_CANONICAL'
  | 'CBOR_TYPE'
  | 'CBOR_UTF8'
  | 'CBOR_TRAILING'
  | 'SHAPE_INVALID'
  | 'CERTIFICATE_INVALID';

/** Codes of the licence format (docs/credential-format.md §8). */
export type FormatErrorCode =
  | 'QR_PREFIX'
  | 'QR_TOO_LONG'
  | 'QR_BASE45'
  | 'WIRE_SHAPE'
  | 'WIRE_MASK'
  | 'WIRE_PROOF'
  | 'WIRE_VALUE'
  | 'COSE_SHAPE'
  | 'REQUEST_INVALID'
  | 'TYPE_UNKNOWN'
  | 'TYPE_INVALID'
  | 'FIELD_INVALID'
  | 'KEY_INVALID'
  | 'CLAIM_CODE_INVALID';

/** Codes of a co-signed answer (docs/ledger.md §8). */
export type AnswerErrorCode =
  | 'ANSWER_SHAPE'
  | 'ANSWER_QUESTION'
  | 'ANSWER_STATUS'
  | 'ANSWER_WRITES'
  | 'ANSWER_ENDORSER'
  | 'ANSWER_SIGNATURE'
  | 'ANSWER_FEW'
  | 'ANSWER_NONCE'
  | 'ANSWER_NETWORK'
  | 'ANSWER_OLDER';

/** Codes of the contracts (docs/ledger.md §6). */
export type LedgerErrorCode =
  | 'ACCESS_DENIED'
  | 'NOT_FOUNDED'
  | 'NOT_FOUND'
  | 'EXISTS'
  | 'TIME_BACKWARDS'
  | 'UNKNOWN_FUNCTION'
  | 'ALREADY_FOUNDED'
  | 'FOUNDING_INVALID'
  | 'SIGNATURE_INVALID'
  | 'PROPOSAL_INVALID'
  | 'PROPOSAL_CLOSED'
  | 'ALREADY_VOTED'
  | 'THRESHOLD_NOT_REACHED'
  | 'KEY_EXISTS'
  | 'SCOPE'
  | 'BURN_LATER'
  | 'RULE_INVALID'
  | 'KEY_BURNED'
  | 'KEY_WINDOW'
  | 'AUTHORITY_WITHDRAWN'
  | 'EPOCH_UNKNOWN'
  | 'BATCH_ORDER'
  | 'BATCH_ROOT'
  | 'STATUS_TRANSITION'
  | 'STATUS_ORDER'
  | 'INDEX_NOT_ANCHORED'
  | 'TRACE_ORDER';

/** Codes of a ledger client, whichever engine (network/ledger.ts). */
export type EngineErrorCode =
  | 'LEDGER_UNAVAILABLE'
  | 'LEDGER_REFUSED'
  | 'ENDORSEMENT_MISMATCH'
  | 'MVCC_CONFLICT'
  | 'PHANTOM_CONFLICT'
  | 'COMMIT_INVALID'
  | 'COMMIT_UNKNOWN'
  | 'BLOCK_INVALID';

/** Codes of starting a process on a data directory (network/embedded, scripts). */
export type StartErrorCode =
  'DATA_DIR_LOCKED' | 'DATA_DIR_UNWRITABLE' | 'PORT_IN_USE' | 'START_FAILED';

/** Every code the product can throw. */
export type ErrorCode =
  | IdentifierErrorCode
  | EncodingErrorCode
  | FormatErrorCode
  | AnswerErrorCode
  | LedgerErrorCode
  | EngineErrorCode
  | StartErrorCode;

/** What an error may carry besides its code: the cause, and data that explains it (never a field value). */
export interface CodedErrorOptions {
  readonly cause?: unknown;
  readonly detail?: unknown;
}

/** An error with a stable code; its message begins with the code, so that it survives a text-only channel. */
export class CodedError<Code extends string = ErrorCode> extends Error {
  override readonly name = 'CodedError';
  readonly code: Code;
  readonly detail: unknown;

  constructor(code: Code, message: string, options: CodedErrorOptions = {}) {
    super(`${code}: ${message}`, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.detail = options.detail;
  }
}

/** Tells whether a caught value is a coded error, and of this code where one is given. */
export function isCodedError<Code extends string = ErrorCode>(
  value: unknown,
  code?: Code,
): value is CodedError<Code> {
  return value instanceof CodedError && (code === undefined || value.code === code);
}
