// SPDX-License-Identifier: Apache-2.0
// Found: once, by all founders together (docs/ledger.md §3).
import { toHex } from '@zhenglian/core/bytes';
import { consortiumRequest } from '@zhenglian/core/records/consortium-request';
import { networkIdOf, parseFounding } from '@zhenglian/core/records/founding';
import { recordKey } from '@zhenglian/core/records/record-key';
import { requireWriter } from './access.ts';
import { readRequest } from './call.ts';
import type { Call } from './call.ts';
import { demand } from './refusal.ts';
import { decideDefinition, decideSignatures, foundedOrganisation } from './rules/founding.ts';
import { load, save, stamped } from './state.ts';

/** Writes the founding and its organisations. Returns nothing. */
export async function found(call: Call): Promise<string> {
  requireWriter(call.caller);
  const { definition: bytes, signatures } = readRequest(call, consortiumRequest.Found);
  const existing = await load(call.state, recordKey.network(), parseFounding);
  demand(existing === undefined, 'ALREADY_FOUNDED', `as ${toHex(existing?.networkId ?? bytes)}`);
  const definition = decideDefinition(bytes, call.channel);
  demand(
    definition.organisations.some((o) => o.msp === call.caller.msp),
    'ACCESS_DENIED',
    'the caller is not one of the founders',
  );
  decideSignatures(definition, bytes, signatures);
  const founding = { definition: bytes, networkId: networkIdOf(bytes) };
  await save(call.state, recordKey.network(), stamped(founding, undefined, call.at));
  for (const founder of definition.organisations) {
    const organisation = stamped(foundedOrganisation(founder), undefined, call.at);
    await save(call.state, recordKey.organisation(founder.msp), organisation);
  }
  return '';
}
