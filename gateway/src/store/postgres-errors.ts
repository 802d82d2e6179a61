// SPDX-License-Identifier: Apache-2.0
// What a failure of PostgreSQL says about a statement: not applied for certain (worth another try or not), or
// nobody knows. Classes of SQLSTATE: PostgreSQL's manual, appendix A.

import type { StatementError } from './postgres-client.ts';

/** `again`: not applied, another try may do. `never`: not applied, and another try gives the same. `unknown`: ask. */
export type Fate = 'again' | 'never' | 'unknown';

/** Serialization failure, deadlock, lock timeout, too many connections, server starting up: nothing was applied. */
const AGAIN = /^(40001|40P01|55P03|53300|57P03)$/;
/** The server or the connection went away; whether before or after the commit it does not say. */
const GONE = /^(08...|57P0[1245]|58...|XX...)$/;
/** The connection was never made. */
const NOT_CONNECTED = /^(ECONNREFUSED|ENOENT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;

/** What a failed statement left behind. */
export function fateOf({ cause, sent }: StatementError): Fate {
  const code = sqlState(cause) ?? '';
  if (!sent) return /^(28|3D)/.test(code) ? 'never' : 'again';
  if (AGAIN.test(code) || NOT_CONNECTED.test(code)) return 'again';
  return GONE.test(code) || !/^[0-9A-Z]{5}$/.test(code) ? 'unknown' : 'never';
}

/** SQLSTATE, or the code of the socket's error. */
function sqlState(error: unknown): string | undefined {
  const isCoded = typeof error === 'object' && error !== null && 'code' in error;
  return isCoded && typeof error.code === 'string' ? error.code : undefined;
}

/** Of a key that was to be new. */
export function isUniqueViolation(error: unknown): boolean {
  return sqlState(error) === '23505';
}

/** Disk full, out of memory, a configured limit. */
export function isOutOfSpace(error: unknown): boolean {
  return /^(53100|53200|53400)$/.test(sqlState(error) ?? '');
}
