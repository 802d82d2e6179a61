// SPDX-License-Identifier: Apache-2.0
// AnchorTrace: what a gateway did so far, so that nothing of it can be cut out later (docs/ledger.md §4).
import { provinceRequest } from '@zhenglian/core/records/province-request';
import { recordKey } from '@zhenglian/core/records/record-key';
import { parseTraceRoot } from '@zhenglian/core/records/trace-root';
import { readRequest } from './call.ts';
import type { Call } from './call.ts';
import { readOrganisationScope, requireOwner } from './province-scope.ts';
import { demand } from './refusal.ts';
import { decideTraceRoot } from './rules/trace-root.ts';
import { load, save, stamped } from './state.ts';

/** Anchors the next root of an instance's trace. Returns nothing. */
export async function anchorTrace(call: Call): Promise<string> {
  requireOwner(call);
  const { state, at } = call;
  const request = readRequest(call, provinceRequest.AnchorTrace);
  await readOrganisationScope(call);
  const { instance, n } = request;
  const key = recordKey.traceRoot(instance, n);
  const existing = await load(state, key, parseTraceRoot);
  demand(existing === undefined, 'EXISTS', 'the root has been anchored');
  const before =
    n === 0 ? undefined : await load(state, recordKey.traceRoot(instance, n - 1), parseTraceRoot);
  const decided = decideTraceRoot(request, before);
  demand(before === undefined || before.at <= at, 'TIME_BACKWARDS', 'the root before is later');
  await save(state, key, stamped(decided, undefined, at));
  return '';
}
