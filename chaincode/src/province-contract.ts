// SPDX-License-Identifier: Apache-2.0
// A province's contract as Fabric's contract API wants it; see zl-contract.ts for its traps.
import { Context, Contract, Returns, Transaction } from 'fabric-contract-api';
import { CodedError } from '@zhenglian/core/errors';
import { submitBatch } from './batch-contract.ts';
import { openEpoch } from './epoch-contract.ts';
import { openCall } from './fabric-call.ts';
import { epochEvidence, record } from './province-query.ts';
import { setStatuses } from './status-contract.ts';
import { anchorTrace } from './trace-contract.ts';

/** Chaincode `zl-<msp>`: one code under many names. */
export class ProvinceContract extends Contract {
  constructor() {
    super('zl-province');
  }

  @Transaction()
  @Returns('string')
  async OpenEpoch(ctx: Context, _request: string): Promise<string> {
    return openEpoch(openCall(ctx));
  }

  @Transaction()
  @Returns('string')
  async SubmitBatch(ctx: Context, _request: string, _leaves: string): Promise<string> {
    return submitBatch(openCall(ctx));
  }

  @Transaction()
  @Returns('string')
  async SetStatuses(ctx: Context, _request: string): Promise<string> {
    return setStatuses(openCall(ctx));
  }

  @Transaction()
  @Returns('string')
  async AnchorTrace(ctx: Context, _request: string): Promise<string> {
    return anchorTrace(openCall(ctx));
  }

  @Transaction(false)
  @Returns('string')
  async EpochEvidence(ctx: Context, _request: string): Promise<string> {
    return epochEvidence(openCall(ctx));
  }

  @Transaction(false)
  @Returns('string')
  async Record(ctx: Context, _request: string): Promise<string> {
    return record(openCall(ctx));
  }

  override unknownTransaction(): Promise<void> {
    return Promise.reject(new CodedError('UNKNOWN_FUNCTION', 'the chaincode has no such function'));
  }
}
