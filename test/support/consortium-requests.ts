// SPDX-License-Identifier: Apache-2.0
// What parties ask the contracts in tests: batches, statuses and rules, signed as they must be.
import { createHash } from 'node:crypto';
import { anchorRoot } from '@zhenglian/core/anchor';
import { concat } from '@zhenglian/core/bytes';
import { decodeCbor } from '@zhenglian/core/cbor';
import type { CborInput, CborValue } from '@zhenglian/core/cbor';
import { batchPayload } from '@zhenglian/core/records/batch';
import type { StatusChange, SubmitBatchRequest } from '@zhenglian/core/records/province-request';
import { provinceChaincode, recordKey } from '@zhenglian/core/records/record-key';
import { ruleHash } from '@zhenglian/core/records/rule';
import type { RecognitionRule } from '@zhenglian/core/records/rule';
import { commitment, emptyChain, parseStatus, statusPayload } from '@zhenglian/core/records/status';
import type { Status } from '@zhenglian/core/records/status';
import { asCbor } from '@zhenglian/core/shape';
import type { MemoryResult } from './memory-stub.ts';
import { codeOf, GUANGDONG, testKey } from './consortium.ts';
import type { Consortium, TestKey } from './consortium.ts';

interface Signing<T> {
  readonly key?: TestKey;
  readonly forged?: Partial<T>;
}

/** `count` arguments that differ from any other's. */
export function testLeaves(count: number, salt = ''): Uint8Array {
  return concat(
    ...Array.from({ length: count }, (_, i) =>
      createHash('sha256')
        .update(`leaf ${salt} ${String(i)}`)
        .digest(),
    ),
  );
}

/** A signed batch; `change` is made before signing, `forged` after. */
export function batchRequest(
  c: Consortium,
  leaves: Uint8Array,
  change: Partial<SubmitBatchRequest> = {},
  { key = testKey('gd'), forged = {} }: Signing<SubmitBatchRequest> = {},
) {
  const count = leaves.length / 32;
  const list = Array.from({ length: count }, (_, i) => leaves.subarray(i * 32, i * 32 + 32));
  const content = {
    uscc: GUANGDONG,
    epoch: 1,
    n: 0,
    first: 0,
    count,
    root: anchorRoot(list),
    type: 'driving',
    kid: key.kid,
    ...change,
  };
  const signature = c.sign(key, 'batch', batchPayload(content));
  return asCbor({ ...content, signature, ...forged });
}

/** Opens epoch 1 of the Guangdong bureau and anchors `count` leaves in it. */
export async function anchor(c: Consortium, count: number): Promise<void> {
  const { client } = c.parties.P44;
  const zl = provinceChaincode('P44');
  await c.submit(client, zl, 'OpenEpoch', { uscc: GUANGDONG, epoch: 1, instance: 'gd-1' });
  const leaves = testLeaves(count);
  await c.submit(client, zl, 'SubmitBatch', batchRequest(c, leaves), leaves);
}

/** A signed change that follows what the ledger holds; `change` is made before signing, `forged` after. */
export function statusChange(
  c: Consortium,
  index: number,
  change: Partial<StatusChange> = {},
  { key = testKey('gd'), forged = {} }: Signing<StatusChange> = {},
): StatusChange {
  const previous = statusAt(c, change.epoch ?? 1, index);
  const content = {
    uscc: GUANGDONG,
    epoch: 1,
    n: 0,
    index,
    state: 'revoked' as const,
    class: 'administrative' as const,
    commitment: commitment(new Uint8Array(16).fill(7), 'reason', 'basis'),
    time: c.clock,
    seq: (previous?.seq ?? 0) + 1,
    kid: key.kid,
    ...change,
  };
  const payload = statusPayload(content, previous?.chain ?? emptyChain());
  return { ...content, signature: c.sign(key, 'status', payload), ...forged };
}

function statusAt(c: Consortium, epoch: number, index: number): Status | undefined {
  const state = c.ledger.dump(provinceChaincode('P44'));
  const bytes = state.get(recordKey.status(GUANGDONG, epoch, index));
  return bytes === undefined ? undefined : parseStatus(decodeCbor(Buffer.from(bytes, 'hex')));
}

/** Submits changes at the Guangdong bureau's province. */
export function setStatuses(
  c: Consortium,
  ...changes: readonly StatusChange[]
): Promise<MemoryResult> {
  return c.run(c.parties.P44.client, provinceChaincode('P44'), 'SetStatuses', {
    changes: changes.map(asCbor),
  });
}

/** What P44's contract answers its own client: `ok`, or the code of its refusal. */
export async function runAsP44(
  c: Consortium,
  name: string,
  request: CborInput,
  leaves?: Uint8Array,
): Promise<string> {
  return codeOf(await c.run(c.parties.P44.client, provinceChaincode('P44'), name, request, leaves));
}

/** Burns the key `gd`, which was good until index 4 of epoch 1. */
export function burnGuangdong(c: Consortium): Promise<CborValue | undefined> {
  const request = { kid: testKey('gd').kid, lastGood: new Map([[1, 4]]) };
  return c.submit(c.parties.P44.client, 'zl', 'BurnKey', request);
}

export function testRule(change: Partial<RecognitionRule> = {}): RecognitionRule {
  return {
    version: 1,
    from: 'P44',
    to: 'P33',
    type: 'driving',
    authorities: [],
    acts: ['general'],
    mapping: new Map([['classes', { as: 'classes' }]]),
    notBefore: 20_000,
    notAfter: 22_000,
    label: { zh: '互认', en: 'Recognition' },
    ...change,
  };
}

export function ruleRequest(c: Consortium, rule: RecognitionRule, key: TestKey) {
  const { kid } = key;
  return { rule: asCbor(rule), kid, signature: c.sign(key, 'rule', ruleHash(rule)) };
}
