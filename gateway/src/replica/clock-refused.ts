// SPDX-License-Identifier: Apache-2.0
// Whether the peers share our clock: they refuse proposals that are stamped two minutes off theirs.
import { encodeCbor } from '@zhenglian/core/cbor';
import { isCodedError } from '@zhenglian/core/errors';
import { recordKey } from '@zhenglian/core/records/record-key';
import type { Ledger } from '@zhenglian/network/ledger';

const FOUNDING = {
  chaincode: 'zl',
  name: 'Record',
  request: encodeCbor({ key: recordKey.network() }),
};

/** Whether peers refuse a question of now; what the contract answers is no matter. @throws LEDGER_UNAVAILABLE */
export async function isClockRefused(ledger: Ledger): Promise<boolean> {
  try {
    await ledger.evaluate(FOUNDING);
  } catch (error) {
    if (isCodedError(error, 'LEDGER_UNAVAILABLE')) throw error;
    return isCodedError(error, 'LEDGER_REFUSED');
  }
  return false;
}
