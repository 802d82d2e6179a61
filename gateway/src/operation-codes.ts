// SPDX-License-Identifier: Apache-2.0
// Every code an operation may answer with: those of the door, those of its own parts, those it names. The OpenAPI
// document is made of them, and tests hold real answers against them.
import type { OPERATIONS } from './schemas/operations.ts';

type Listed = Pick<
  (typeof OPERATIONS)[number],
  | 'access'
  | 'body'
  | 'codes'
  | 'idempotent'
  | 'issuing'
  | 'method'
  | 'params'
  | 'purpose'
  | 'query'
  | 'streams'
  | 'touches'
  | 'versioned'
>;

/** Codes of any operation: the door's, and what may happen everywhere. */
const COMMON = [
  'REQUEST_MALFORMED',
  'REQUEST_INVALID',
  'HEADERS_TOO_LARGE',
  'MEDIA_TYPE',
  'RATE_LIMITED',
  'LEDGER_UNAVAILABLE',
  'STORAGE_FULL',
  'STORE_UNAVAILABLE',
  'ERASED',
  'STORE_CORRUPT',
  'INTERNAL',
];

/** The codes of an operation, each once. */
export function codesOf(operation: Listed): readonly string[] {
  const { purpose, body, streams, issuing, idempotent, versioned, codes } = operation;
  return [
    ...new Set([
      ...codesOfCaller(operation),
      ...(purpose === true ? ['PURPOSE_REQUIRED'] : []),
      ...(body === undefined ? [] : ['BODY_MALFORMED', 'BODY_TOO_LARGE']),
      ...((body ?? streams) === undefined ? [] : ['REQUEST_TIMEOUT']),
      ...(idempotent === true ? ['IDEMPOTENCY_KEY', 'IDEMPOTENCY_MISMATCH'] : []),
      ...(issuing === true ? ['READ_ONLY'] : []),
      ...(versioned === true ? ['VERSION_CHANGED'] : []),
      ...codes,
      ...COMMON,
    ]),
  ];
}

/** Those that say who may not. */
function codesOfCaller({ method, access, touches }: Listed): readonly string[] {
  return [
    ...(access === 'open' ? [] : ['TOKEN_INVALID', 'ROLE_DENIED']),
    ...(method === 'get' ? [] : ['CSRF_REFUSED']),
    ...(touches === undefined ? [] : ['SCOPE_DENIED']),
  ];
}
