// SPDX-License-Identifier: Apache-2.0
// What a validation code of a block means to whoever submitted the transaction.
import { CodedError } from '@zhenglian/core/errors';

const VALID = 0;
const MVCC_READ_CONFLICT = 11;
const PHANTOM_READ_CONFLICT = 12;

/** The block of a valid transaction. @throws MVCC_CONFLICT, PHANTOM_CONFLICT, COMMIT_INVALID */
export function requireValid(
  found: { readonly code: number; readonly blockNumber: number },
  transactionId: string,
): number {
  const detail = { transactionId, ...found };
  switch (found.code) {
    case VALID:
      return found.blockNumber;
    case MVCC_READ_CONFLICT:
      throw new CodedError('MVCC_CONFLICT', 'a record changed meanwhile', { detail });
    case PHANTOM_READ_CONFLICT:
      throw new CodedError('PHANTOM_CONFLICT', 'a range changed meanwhile', { detail });
    default:
      throw new CodedError('COMMIT_INVALID', `validation code ${String(found.code)}`, { detail });
  }
}
