// SPDX-License-Identifier: Apache-2.0
// The consortium's contract as Fabric's contract API wants it: one class, so that a function's name is its
// whole name. Context is imported as a value, or the decorators would count it as an argument.
import { Context, Contract, Returns, Transaction } from 'fabric-contract-api';
import { CodedError } from '@zhenglian/core/errors';
import { keyScope, proposals, record, trustBundle } from './consortium-query.ts';
import { enact } from './enactment-contract.ts';
import { openCall } from './fabric-call.ts';
import { found } from './founding-contract.ts';
import { burnKey, registerKey } from './key-contract.ts';
import { propose, vote } from './proposal-contract.ts';
import { submitRule, withdrawRule } from './rule-contract.ts';

/** Chaincode `zl`. Arguments are declared as text and read as bytes (`fabric-call.ts`). */
export class ZlContract extends Contract {
  constructor() {
    super('zl');
  }

  @Transaction()
  @Returns('string')
  async Found(ctx: Context, _request: string): Promise<string> {
    return found(openCall(ctx));
  }

  @Transaction()
  @Returns('string')
  async Propose(ctx: Context, _request: string): Promise<string> {
    return propose(openCall(ctx));
  }

  @Transaction()
  @Returns('string')
  async Vote(ctx: Context, _request: string): Promise<string> {
    return vote(openCall(ctx));
  }

  @Transaction()
  @Returns('string')
  async Enact(ctx: Context, _request: string): Promise<string> {
    return enact(openCall(ctx));
  }

  @Transaction()
  @Returns('string')
  async RegisterKey(ctx: Context, _request: string): Promise<string> {
    return registerKey(openCall(ctx));
  }

  @Transaction()
  @Returns('string')
  async BurnKey(ctx: Context, _request: string): Promise<string> {
    return burnKey(openCall(ctx));
  }

  @Transaction()
  @Returns('string')
  async SubmitRule(ctx: Context, _request: string): Promise<string> {
    return submitRule(openCall(ctx));
  }

  @Transaction()
  @Returns('string')
  async WithdrawRule(ctx: Context, _request: string): Promise<string> {
    return withdrawRule(openCall(ctx));
  }

  @Transaction(false)
  @Returns('string')
  async TrustBundle(ctx: Context, _request: string): Promise<string> {
    return trustBundle(openCall(ctx));
  }

  @Transaction(false)
  @Returns('string')
  async Record(ctx: Context, _request: string): Promise<string> {
    return record(openCall(ctx));
  }

  @Transaction(false)
  @Returns('string')
  async KeyScope(ctx: Context, _request: string): Promise<string> {
    return keyScope(openCall(ctx));
  }

  @Transaction(false)
  @Returns('string')
  async Proposals(ctx: Context, _request: string): Promise<string> {
    return proposals(openCall(ctx));
  }

  override unknownTransaction(): Promise<void> {
    return Promise.reject(new CodedError('UNKNOWN_FUNCTION', 'the chaincode has no such function'));
  }
}
