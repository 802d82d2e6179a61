// SPDX-License-Identifier: Apache-2.0
// The gateway's own error codes, and the HTTP status of every code that can leave it (docs/api.md §1).
import { CodedError } from '@zhenglian/core/errors';
import type { CodedErrorOptions } from '@zhenglian/core/errors';

/** HTTP status of each code of the gateway. */
const GATEWAY_STATUS = {
  TOKEN_INVALID: 401,
  ROLE_DENIED: 403,
  SCOPE_DENIED: 403,
  SIGN_IN_WRONG: 401,
  SIGN_IN_WAIT: 429,
  SIGN_IN_BUSY: 503,
  CSRF_REFUSED: 403,
  SESSION_NEEDED: 403,
  ACCOUNT_UNKNOWN: 404,
  ACCOUNT_EXISTS: 409,
  ACCOUNT_OWN: 409,
  ADMINISTRATOR_EXISTS: 409,
  INVITATION_INVALID: 401,
  PASSWORD_WEAK: 400,
  FACTOR_EXISTS: 409,
  FACTOR_NONE: 409,
  CLIENT_UNKNOWN: 404,
  ASSERTION_INVALID: 401,
  ASSERTION_AUDIENCE: 401,
  ASSERTION_EXPIRED: 401,
  ASSERTION_REPLAYED: 401,
  READ_ONLY: 403,
  PURPOSE_REQUIRED: 400,
  IDEMPOTENCY_KEY: 400,
  IDEMPOTENCY_MISMATCH: 409,
  VERSION_CHANGED: 412,
  RATE_LIMITED: 429,
  OIDC_NONE: 404,
  OIDC_STATE: 400,
  OIDC_REFUSED: 401,
  OIDC_NO_ROLE: 403,
  OIDC_UNAVAILABLE: 503,
  ROUTE_UNKNOWN: 404,
  METHOD_UNKNOWN: 405,
  REQUEST_MALFORMED: 400,
  REQUEST_TIMEOUT: 408,
  HEADERS_TOO_LARGE: 431,
  BODY_TOO_LARGE: 413,
  BODY_MALFORMED: 400,
  MEDIA_TYPE: 415,
  REQUEST_INVALID: 400,
  STORAGE_FULL: 507,
  STORE_UNAVAILABLE: 503,
  ERASED: 410,
  ORDER_FAILED: 500,
  ERASE_LIVING: 409,
  BACKUP_FOLDER: 409,
  BACKUP_DAMAGED: 409,
  STORE_NOT_EMPTY: 409,
  CONFLICT: 409,
  INTERNAL: 500,
  CONFIG_INVALID: 500,
  STORE_CORRUPT: 500,
  LICENCE_EXISTS: 409,
  LICENCE_UNKNOWN: 404,
  LICENCE_NOT_LIVING: 409,
  NOT_ANCHORED: 409,
  SET_UNKNOWN: 404,
  TYPE_NOT_ISSUED: 404,
  IMPORT_COLUMNS: 400,
  IMPORT_TOO_LARGE: 413,
  IMPORT_ENCODING: 400,
  IMPORT_MALFORMED: 400,
  IMPORT_UNKNOWN: 404,
  IMPORT_STATE: 409,
  UPLOAD_UNKNOWN: 404,
  UPLOAD_OFFSET: 409,
  UPLOAD_DIGEST: 400,
  UPLOAD_INCOMPLETE: 409,
  APPROVAL_NEEDED: 409,
  OWN_APPROVAL: 403,
  CLAIM_CODE_UNKNOWN: 404,
  CLAIM_CODE_SPENT: 410,
  CLAIM_CODE_EXPIRED: 410,
  CLAIM_TRIES: 429,
  CLAIM_PROOF: 400,
  ANCHOR_WAIT: 503,
  COPY_UNKNOWN: 404,
  REQUEST_SPENT: 409,
  REQUEST_UNKNOWN: 404,
  SIGNER_UNAVAILABLE: 503,
  SIGNER_LIMIT: 503,
  SIGNER_KEY_UNKNOWN: 503,
  SIGNER_KEYS: 500,
} as const;

/** HTTP status of the codes of other rooms that can reach a client; any other is a bug: 500. */
const OTHER_STATUS = {
  FIELD_INVALID: 400,
  TYPE_UNKNOWN: 404,
  CLAIM_CODE_INVALID: 404,
  STATUS_TRANSITION: 409,
  LEDGER_UNAVAILABLE: 503,
  LEDGER_REFUSED: 503,
  ENDORSEMENT_MISMATCH: 503,
  MVCC_CONFLICT: 503,
  PHANTOM_CONFLICT: 503,
  COMMIT_INVALID: 503,
  COMMIT_UNKNOWN: 503,
  KEY_BURNED: 503,
  KEY_WINDOW: 503,
  STATUS_ORDER: 503,
  INDEX_NOT_ANCHORED: 503,
  AUTHORITY_WITHDRAWN: 503,
} as const;
const STATUS: Readonly<Record<string, number>> = { ...OTHER_STATUS, ...GATEWAY_STATUS };

/** Codes of the gateway itself. */
export type GatewayErrorCode = keyof typeof GATEWAY_STATUS;

/** Codes that can leave the gateway; each has words (`problem-words.ts`). */
export type ProblemCode = GatewayErrorCode | keyof typeof OTHER_STATUS;

/** Every code of the gateway. */
export const GATEWAY_CODES = Object.keys(GATEWAY_STATUS);

/** Throws-ready error with a code of the gateway. */
export function gatewayError(
  code: GatewayErrorCode,
  message: string,
  options: CodedErrorOptions = {},
): CodedError<GatewayErrorCode> {
  return new CodedError(code, message, options);
}

/** The HTTP status of a code, or undefined when it must not reach a client. */
export function statusOfCode(code: string): number | undefined {
  return isProblemCode(code) ? STATUS[code] : undefined;
}

/** Whether a code may leave the gateway. */
export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(STATUS, code);
}
