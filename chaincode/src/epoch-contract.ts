// SPDX-License-Identifier: Apache-2.0
// OpenEpoch: leases 65,536 indexes to one gateway instance, for good (docs/ledger.md §4).
import { parseEpoch } from '@zhenglian/core/records/epoch';
import { provinceRequest } from '@zhenglian/core/records/province-request';
import { recordKey } from '@zhenglian/core/records/record-key';
import { readRequest } from './call.ts';
import type { Call } from './call.ts';
import { readAuthorityScope, requireOwner } from './province-scope.ts';
import { demand } from './refusal.ts';
import { requireAccredited } from './rules/key.ts';
import { load, save, stamped } from './state.ts';

/** Opens an epoch whose number was never used. Returns nothing. */
export async function openEpoch(call: Call): Promise<string> {
  requireOwner(call);
  const request = readRequest(call, provinceRequest.OpenEpoch);
  const { authority } = await readAuthorityScope(call, request.uscc);
  requireAccredited(authority);
  const key = recordKey.epoch(request.uscc, request.epoch);
  const existing = await load(call.state, key, parseEpoch);
  demand(existing === undefined, 'EXISTS', 'the epoch has been opened');
  await save(call.state, key, stamped(request, undefined, call.at));
  return '';
}
