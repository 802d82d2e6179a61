// SPDX-License-Identifier: Apache-2.0
// Questions to `zl` (docs/ledger.md §7): evaluated, never submitted; anybody on the channel may ask.
import { toBase64 } from '@zhenglian/core/bytes';
import { parseAuthority } from '@zhenglian/core/records/authority';
import { consortiumRequest } from '@zhenglian/core/records/consortium-request';
import { parseAuthorityKey } from '@zhenglian/core/records/key';
import type { KeyScope } from '@zhenglian/core/records/key-scope';
import { parseLicenceType } from '@zhenglian/core/records/licence-type';
import { parseOrganisation } from '@zhenglian/core/records/organisation';
import { parseActPolicy } from '@zhenglian/core/records/policy';
import { parseProposal, parseVote } from '@zhenglian/core/records/proposal';
import type { ProposalWithVotes } from '@zhenglian/core/records/proposal';
import { recordKey, recordPrefix } from '@zhenglian/core/records/record-key';
import { parseRule } from '@zhenglian/core/records/rule';
import type { TrustBundle } from '@zhenglian/core/records/trust-bundle';
import { asCbor } from '@zhenglian/core/shape';
import { readFounding } from './access.ts';
import { answer, readRequest } from './call.ts';
import type { Call } from './call.ts';
import { demand } from './refusal.ts';
import { load, loadAll, loadExisting } from './state.ts';

/** Everything a verifier must know of the consortium. */
export async function trustBundle(call: Call): Promise<string> {
  const { state, at } = call;
  const { nonce } = readRequest(call, consortiumRequest.TrustBundle);
  const { founding } = await readFounding(state);
  const lists = {
    organisations: await loadAll(state, recordPrefix.organisations(), parseOrganisation),
    authorities: await loadAll(state, recordPrefix.authorities(), parseAuthority),
    keys: await loadAll(state, recordPrefix.keys(), parseAuthorityKey),
    types: await loadAll(state, recordPrefix.licenceTypes(), parseLicenceType),
    policies: await loadAll(state, recordPrefix.policies(), parseActPolicy),
    rules: await loadAll(state, recordPrefix.rules(), parseRule),
  };
  const { networkId, definition } = founding;
  const records = [founding, ...Object.values(lists).flat()];
  const version = records.reduce((sum, record) => sum + record.rev, 0);
  const bundle: TrustBundle = { networkId, definition, ...lists, version, at };
  return answer(asCbor({ ...bundle, nonce }));
}

/** What `zl-<msp>` reads in each transaction. */
export async function keyScope(call: Call): Promise<string> {
  const { state } = call;
  const { msp, uscc, kid } = readRequest(call, consortiumRequest.KeyScope);
  const { founding, definition } = await readFounding(state);
  const scope: KeyScope = {
    networkId: founding.networkId,
    testIdentities: definition.testIdentities,
    organisation: await loadExisting(state, recordKey.organisation(msp), parseOrganisation),
  };
  return answer(
    asCbor({
      ...scope,
      authority: uscc && (await loadExisting(state, recordKey.authority(uscc), parseAuthority)),
      key: kid && (await loadExisting(state, recordKey.key(kid), parseAuthorityKey)),
    }),
  );
}

/** All proposals with the votes on them. */
export async function proposals(call: Call): Promise<string> {
  const { state } = call;
  readRequest(call, consortiumRequest.Proposals);
  await readFounding(state);
  const organisations = await loadAll(state, recordPrefix.organisations(), parseOrganisation);
  const listed: ProposalWithVotes[] = [];
  for (const proposal of await loadAll(state, recordPrefix.proposals(), parseProposal)) {
    const votes = new Map<string, boolean>();
    for (const { msp } of organisations) {
      const vote = await load(state, recordKey.vote(proposal.id, msp), parseVote);
      if (vote !== undefined) votes.set(msp, vote.approve);
    }
    listed.push({ ...proposal, votes });
  }
  return answer(asCbor(listed));
}

/** The bytes of one record of the chaincode asked. */
export async function record(call: Call): Promise<string> {
  const { key } = readRequest(call, consortiumRequest.Record);
  const bytes = await call.state.get(key);
  demand(bytes !== undefined, 'NOT_FOUND', `there is no ${key}`);
  return toBase64(bytes);
}
