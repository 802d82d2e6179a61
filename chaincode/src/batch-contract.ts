// SPDX-License-Identifier: Apache-2.0
// SubmitBatch: thousands of licences in one transaction; the contract builds the root itself (docs/ledger.md §4).
import { parseBatch } from '@zhenglian/core/records/batch';
import type { Batch } from '@zhenglian/core/records/batch';
import { parseEpoch } from '@zhenglian/core/records/epoch';
import { provinceRequest } from '@zhenglian/core/records/province-request';
import type { SubmitBatchRequest } from '@zhenglian/core/records/province-request';
import { recordKey } from '@zhenglian/core/records/record-key';
import { readRequest } from './call.ts';
import type { Call } from './call.ts';
import { readSigningScope, requireOwner } from './province-scope.ts';
import { demand } from './refusal.ts';
import { decideBatch, decideBatchScope, splitLeaves } from './rules/batch.ts';
import { load, loadExisting, save, stamped } from './state.ts';
import type { State } from './state.ts';

/** Anchors the next batch of an epoch. Returns nothing. */
export async function submitBatch(call: Call): Promise<string> {
  requireOwner(call);
  const { state, at, extra } = call;
  const request = readRequest(call, provinceRequest.SubmitBatch);
  const leaves = splitLeaves(extra[0] ?? new Uint8Array(0), request.count);
  const scope = await readSigningScope(call, request.uscc, request.kid);
  decideBatchScope(request, scope, at);
  const { uscc, epoch, n } = request;
  await loadExisting(state, recordKey.epoch(uscc, epoch), parseEpoch, 'EPOCH_UNKNOWN');
  const key = recordKey.batch(uscc, epoch, n);
  const existing = await load(state, key, parseBatch);
  demand(existing === undefined, 'EXISTS', 'the batch has been anchored');
  const before = await readBatchBefore(state, request);
  decideBatch(request, before, leaves);
  demand(before === undefined || before.at <= at, 'TIME_BACKWARDS', 'the batch before is later');
  await save(state, key, stamped(request, undefined, at));
  return '';
}

async function readBatchBefore(
  state: State,
  { uscc, epoch, n }: SubmitBatchRequest,
): Promise<Batch | undefined> {
  return n === 0 ? undefined : load(state, recordKey.batch(uscc, epoch, n - 1), parseBatch);
}
