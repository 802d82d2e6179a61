// SPDX-License-Identifier: Apache-2.0
// May a status change? (docs/ledger.md §4)
import type { Batch } from '@zhenglian/core/records/batch';
import type { StatusChange } from '@zhenglian/core/records/province-request';
import { emptyChain, statusChain, statusPayload } from '@zhenglian/core/records/status';
import type { Status, StatusState } from '@zhenglian/core/records/status';
import { verifyFor } from '@zhenglian/core/signing';
import type { SigningScope } from '../province-scope.ts';
import { demand } from '../refusal.ts';
import { requireAccredited, requireLivingKey } from './key.ts';

/** What may follow what; an index without a status is valid. */
const NEXT: Readonly<Record<StatusState, readonly StatusState[]>> = {
  valid: ['suspended', 'revoked'],
  suspended: ['valid', 'revoked'],
  revoked: [],
};

/** What stands when a status is to change. */
export interface StatusGround {
  readonly scope: SigningScope;
  readonly batch: Batch | undefined;
  readonly previous: Status | undefined;
  readonly at: number;
}

/**
 * The status after a change.
 * @throws STATUS_ORDER, SIGNATURE_INVALID, SCOPE, KEY_BURNED, KEY_WINDOW, AUTHORITY_WITHDRAWN,
 * INDEX_NOT_ANCHORED, STATUS_TRANSITION, TIME_BACKWARDS
 */
export function decideStatus(
  change: StatusChange,
  ground: StatusGround,
): Omit<Status, 'rev' | 'at'> {
  const { previous } = ground;
  // The sequence stands before the signature, which covers the chain that the sequence names.
  const seq = (previous?.seq ?? 0) + 1;
  demand(change.seq === seq, 'STATUS_ORDER', `the next of this index is ${String(seq)}`);
  const chain = previous?.chain ?? emptyChain();
  const payload = statusPayload(change, chain);
  checkScope(change, ground, payload);
  checkAnchored(change, ground);
  checkTransition(change, previous);
  demand(
    change.time <= ground.at && change.time >= (previous?.time ?? 0),
    'TIME_BACKWARDS',
    'the time is before the last one or after the transaction',
  );
  return {
    uscc: change.uscc,
    epoch: change.epoch,
    index: change.index,
    state: change.state,
    class: change.class,
    commitment: change.commitment,
    time: change.time,
    seq,
    chain: statusChain(chain, payload),
    kid: change.kid,
    signature: change.signature,
  };
}

function checkScope(change: StatusChange, ground: StatusGround, payload: Uint8Array): void {
  const { authority, key, networkId } = ground.scope;
  const { publicKey } = key;
  const { signature } = change;
  demand(
    verifyFor({ purpose: 'status', networkId, publicKey, payload, signature }),
    'SIGNATURE_INVALID',
    'the key has not signed this change',
  );
  requireLivingKey(key, change.uscc, ground.at);
  // Withdrawal must not keep anybody from revoking what was issued.
  if (change.state === 'valid') requireAccredited(authority);
}

function checkAnchored({ index }: StatusChange, { batch, scope }: StatusGround): void {
  demand(
    batch !== undefined && index >= batch.first && index < batch.first + batch.count,
    'INDEX_NOT_ANCHORED',
    'the batch does not hold the index',
  );
  demand(scope.key.types.includes(batch.type), 'SCOPE', 'the key is not for this type');
}

function checkTransition(change: StatusChange, previous: Status | undefined): void {
  const from = previous?.state ?? 'valid';
  demand(
    NEXT[from].includes(change.state),
    'STATUS_TRANSITION',
    `${from} does not become ${change.state}`,
  );
  demand(
    (change.state === 'valid') === (change.class === 'reinstated'),
    'STATUS_TRANSITION',
    'reinstated goes with valid, and with nothing else',
  );
  demand(
    change.class !== 'superseded' || change.state === 'revoked',
    'STATUS_TRANSITION',
    'superseded goes with revoked',
  );
}
