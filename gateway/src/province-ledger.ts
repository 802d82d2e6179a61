// SPDX-License-Identifier: Apache-2.0
// The ledger in this province's words: what the desk asks and submits, with bytes and chaincode names inside.
import type { Committed, Ledger } from '@zhenglian/network/ledger';
import { concat } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import type { CborValue } from '@zhenglian/core/cbor';
import { isCodedError } from '@zhenglian/core/errors';
import { parseBatch } from '@zhenglian/core/records/batch';
import type { Batch } from '@zhenglian/core/records/batch';
import type { RegisterKeyRequest } from '@zhenglian/core/records/consortium-request';
import { parseEpoch } from '@zhenglian/core/records/epoch';
import type { Epoch } from '@zhenglian/core/records/epoch';
import { parseAuthorityKey } from '@zhenglian/core/records/key';
import type { AuthorityKey } from '@zhenglian/core/records/key';
import type { StatusChange, SubmitBatchRequest } from '@zhenglian/core/records/province-request';
import { provinceChaincode, recordKey } from '@zhenglian/core/records/record-key';
import { parseStatus } from '@zhenglian/core/records/status';
import type { Status } from '@zhenglian/core/records/status';
import { asCbor } from '@zhenglian/core/shape';

/** Questions give undefined for what is not there; transactions throw the ledger's codes. */
export interface ProvinceLedger {
  key(kid: Uint8Array): Promise<AuthorityKey | undefined>;
  epoch(uscc: string, epoch: number): Promise<Epoch | undefined>;
  batch(uscc: string, epoch: number, n: number): Promise<Batch | undefined>;
  status(uscc: string, epoch: number, index: number): Promise<Status | undefined>;
  registerKey(request: RegisterKeyRequest): Promise<Committed>;
  openEpoch(uscc: string, epoch: number, instance: string): Promise<Committed>;
  submitBatch(request: SubmitBatchRequest, leaves: readonly Uint8Array[]): Promise<Committed>;
  setStatuses(changes: readonly StatusChange[]): Promise<Committed>;
  height(): Promise<number>;
}

const CONSORTIUM = 'zl';

/** The ledger as seen by one province. */
export function provinceLedger(ledger: Ledger): ProvinceLedger {
  const own = provinceChaincode(ledger.msp);
  const submit = (chaincode: string, name: string, request: unknown, extra: Uint8Array[] = []) =>
    ledger.submit({ chaincode, name, request: encodeCbor(asCbor(request)), extra });
  const read = async <T>(chaincode: string, key: string, parse: (value: CborValue) => T) => {
    try {
      const request = encodeCbor({ key });
      return parse(decodeCbor(await ledger.evaluate({ chaincode, name: 'Record', request })));
    } catch (cause) {
      if (isCodedError(cause, 'NOT_FOUND')) return undefined;
      throw cause;
    }
  };
  return {
    key: (kid) => read(CONSORTIUM, recordKey.key(kid), parseAuthorityKey),
    epoch: (uscc, epoch) => read(own, recordKey.epoch(uscc, epoch), parseEpoch),
    batch: (uscc, epoch, n) => read(own, recordKey.batch(uscc, epoch, n), parseBatch),
    status: (uscc, epoch, index) => read(own, recordKey.status(uscc, epoch, index), parseStatus),
    registerKey: (request) => submit(CONSORTIUM, 'RegisterKey', request),
    openEpoch: (uscc, epoch, instance) => submit(own, 'OpenEpoch', { uscc, epoch, instance }),
    submitBatch: (request, leaves) => submit(own, 'SubmitBatch', request, [concat(...leaves)]),
    setStatuses: (changes) => submit(own, 'SetStatuses', { changes }),
    height: () => ledger.height(),
  };
}
