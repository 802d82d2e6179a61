// SPDX-License-Identifier: Apache-2.0
// Enact: what enough organisations approved becomes a record (docs/ledger.md §2, §6).
import { parseAuthority } from '@zhenglian/core/records/authority';
import type { AuthorityBody } from '@zhenglian/core/records/authority';
import { consortiumRequest } from '@zhenglian/core/records/consortium-request';
import { parseAuthorityKey } from '@zhenglian/core/records/key';
import { parseLicenceType, parseTypeNumber } from '@zhenglian/core/records/licence-type';
import type { LicenceTypeBody } from '@zhenglian/core/records/licence-type';
import { parseOrganisation } from '@zhenglian/core/records/organisation';
import type { Organisation } from '@zhenglian/core/records/organisation';
import { parseActPolicy } from '@zhenglian/core/records/policy';
import { parseProposal, parseProposalContent, parseVote } from '@zhenglian/core/records/proposal';
import type { BurnBody, ProposalContent, Vote } from '@zhenglian/core/records/proposal';
import { recordKey, recordPrefix } from '@zhenglian/core/records/record-key';
import { requireMember } from './access.ts';
import type { Membership } from './access.ts';
import { readRequest } from './call.ts';
import type { Call } from './call.ts';
import { demand } from './refusal.ts';
import { decideBurn } from './rules/key.ts';
import { decideLicenceType, readDefinition } from './rules/licence-type.ts';
import { decideAuthority, decideOrganisation } from './rules/membership.ts';
import { decideEnactment } from './rules/vote.ts';
import { load, loadAll, loadExisting, save, stamped } from './state.ts';
import type { State } from './state.ts';

/** Writes the record that a proposal asks for and closes it. Returns nothing. */
export async function enact(call: Call): Promise<string> {
  const { state, at } = call;
  const membership = await requireMember(state, call.caller);
  const { id } = readRequest(call, consortiumRequest.Enact);
  const proposal = await loadExisting(state, recordKey.proposal(id), parseProposal);
  const organisations = await loadAll(state, recordPrefix.organisations(), parseOrganisation);
  const votes = await readVotes(state, id, organisations);
  const { threshold } = membership.definition;
  const enacted = decideEnactment(proposal, votes, organisations, threshold);
  await apply(call, membership, organisations, parseProposalContent(proposal.kind, proposal.body));
  await save(state, recordKey.proposal(id), stamped(enacted, proposal, at));
  return '';
}

async function readVotes(
  state: State,
  id: string,
  organisations: readonly Organisation[],
): Promise<ReadonlyMap<string, Vote>> {
  const votes = new Map<string, Vote>();
  for (const { msp } of organisations) {
    const vote = await load(state, recordKey.vote(id, msp), parseVote);
    if (vote !== undefined) votes.set(msp, vote);
  }
  return votes;
}

async function apply(
  call: Call,
  { definition }: Membership,
  organisations: readonly Organisation[],
  content: ProposalContent,
): Promise<void> {
  const { state, at } = call;
  switch (content.kind) {
    case 'organisation': {
      const body = decideOrganisation(content.body, organisations, definition.k);
      const existing = organisations.find((o) => o.msp === body.msp);
      return save(state, recordKey.organisation(body.msp), stamped(body, existing, at));
    }
    case 'authority':
      return applyAuthority(call, organisations, content.body, definition.testIdentities);
    case 'type':
      return applyType(call, content.body);
    case 'policy': {
      const key = recordKey.policy(content.body.act);
      const existing = await load(state, key, parseActPolicy);
      return save(state, key, stamped(content.body, existing, at));
    }
    case 'burn':
      return applyBurn(call, content.body);
  }
}

async function applyAuthority(
  { state, at }: Call,
  organisations: readonly Organisation[],
  body: AuthorityBody,
  testIdentities: boolean,
): Promise<void> {
  const organisation = organisations.find((o) => o.msp === body.msp);
  demand(organisation !== undefined, 'NOT_FOUND', 'there is no such organisation');
  const key = recordKey.authority(body.uscc);
  const existing = await load(state, key, parseAuthority);
  const knownTypes = new Set<string>();
  for (const code of body.types) {
    if ((await state.range(recordPrefix.licenceTypes(code))).length > 0) knownTypes.add(code);
  }
  const decided = decideAuthority(body, { organisation, existing, knownTypes, testIdentities });
  await save(state, key, stamped(decided, existing, at));
}

async function applyType({ state, at }: Call, body: LicenceTypeBody): Promise<void> {
  const definition = readDefinition(body);
  const { code, version, number } = definition;
  const key = recordKey.licenceType(code, version);
  const numberKey = recordKey.typeNumber(number);
  const owner = await load(state, numberKey, parseTypeNumber);
  decideLicenceType(definition, {
    existing: await load(state, key, parseLicenceType),
    previous: await load(state, recordKey.licenceType(code, version - 1), parseLicenceType),
    number: owner,
  });
  await save(state, key, stamped(body, undefined, at));
  if (owner === undefined) await save(state, numberKey, stamped({ code }, undefined, at));
}

async function applyBurn({ state, at }: Call, { kid, lastGood }: BurnBody): Promise<void> {
  const existing = await loadExisting(state, recordKey.key(kid), parseAuthorityKey);
  const burned = decideBurn(existing, lastGood, at);
  await save(state, recordKey.key(kid), stamped(burned, existing, at));
}
