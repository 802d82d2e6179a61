// SPDX-License-Identifier: Apache-2.0
// How a contract refuses: every message begins with its code (docs/ledger.md §6).
import { CodedError, isCodedError } from '@zhenglian/core/errors';
import type { LedgerErrorCode } from '@zhenglian/core/errors';

/** What a contract may answer beside success. */
export type RefusalCode = LedgerErrorCode | 'REQUEST_INVALID';

/** @throws the code, unless the condition holds */
export function demand(holds: boolean, code: RefusalCode, message: string): asserts holds {
  if (!holds) throw new CodedError(code, message);
}

/** Runs a parser or check of core and gives its errors the contract's code. @throws the code */
export function refuseAs<T>(code: RefusalCode, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!isCodedError(cause)) throw cause;
    throw new CodedError(code, cause.message.slice(cause.code.length + 2), { cause });
  }
}
