// SPDX-License-Identifier: Apache-2.0
// RegisterKey and BurnKey, by the province that answers for the key (docs/ledger.md §6).
import { parseAuthority } from '@zhenglian/core/records/authority';
import { consortiumRequest } from '@zhenglian/core/records/consortium-request';
import { parseAuthorityKey } from '@zhenglian/core/records/key';
import { recordKey } from '@zhenglian/core/records/record-key';
import { requireMember } from './access.ts';
import { answer, readRequest } from './call.ts';
import type { Call } from './call.ts';
import { demand } from './refusal.ts';
import { decideBurn, decidePossession, decideRegistration } from './rules/key.ts';
import { load, loadExisting, save, stamped } from './state.ts';

/** Registers a key that was never seen before. Returns its kid. */
export async function registerKey(call: Call): Promise<string> {
  const { state, caller, at } = call;
  const { founding } = await requireMember(state, caller);
  const request = readRequest(call, consortiumRequest.RegisterKey);
  const kid = decidePossession(caller.msp, request, founding.networkId);
  const authority = await loadExisting(state, recordKey.authority(request.uscc), parseAuthority);
  const key = decideRegistration(caller.msp, request, authority, kid);
  const existing = await load(state, recordKey.key(kid), parseAuthorityKey);
  demand(existing === undefined, 'KEY_EXISTS', 'a key is registered once, for one authority');
  await save(state, recordKey.key(kid), stamped(key, undefined, at));
  return answer(kid);
}

/** Burns a key of the caller's province, or moves its burn earlier. Returns nothing. */
export async function burnKey(call: Call): Promise<string> {
  const { state, caller, at } = call;
  await requireMember(state, caller);
  const { kid, lastGood } = readRequest(call, consortiumRequest.BurnKey);
  const key = await loadExisting(state, recordKey.key(kid), parseAuthorityKey);
  demand(key.msp === caller.msp, 'ACCESS_DENIED', 'the key is of another organisation');
  await save(state, recordKey.key(kid), stamped(decideBurn(key, lastGood, at), key, at));
  return '';
}
