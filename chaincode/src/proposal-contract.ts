// SPDX-License-Identifier: Apache-2.0
// Propose and Vote; one key a vote, so that voters never collide (docs/ledger.md §2, §6).
import { encodeCbor } from '@zhenglian/core/cbor';
import { consortiumRequest } from '@zhenglian/core/records/consortium-request';
import type { ProposeRequest } from '@zhenglian/core/records/consortium-request';
import {
  parseProposal,
  parseProposalContent,
  parseVote,
  proposalId,
} from '@zhenglian/core/records/proposal';
import { recordKey } from '@zhenglian/core/records/record-key';
import { requireMember } from './access.ts';
import { answer, readRequest } from './call.ts';
import type { Call } from './call.ts';
import { demand, refuseAs } from './refusal.ts';
import { readDefinition } from './rules/licence-type.ts';
import { checkAuthority, checkOrganisation } from './rules/membership.ts';
import { requireOpen } from './rules/vote.ts';
import { load, loadExisting, save, stamped } from './state.ts';

const MAX_BODY_BYTES = 65_536;

/** Opens a proposal. Returns its id. */
export async function propose(call: Call): Promise<string> {
  await requireMember(call.state, call.caller);
  const request = readRequest(call, consortiumRequest.Propose);
  checkContent(request);
  const { kind, body, nonce } = request;
  const by = call.caller.msp;
  const id = proposalId(kind, body, by, nonce);
  const key = recordKey.proposal(id);
  const existing = await load(call.state, key, parseProposal);
  demand(existing === undefined, 'EXISTS', 'the same proposal has been made');
  await save(call.state, key, stamped({ id, kind, body, by, status: 'open' }, undefined, call.at));
  return answer(id);
}

/** Records the organisation's vote, which it cannot change. Returns nothing. */
export async function vote(call: Call): Promise<string> {
  await requireMember(call.state, call.caller);
  const { id, approve } = readRequest(call, consortiumRequest.Vote);
  requireOpen(await loadExisting(call.state, recordKey.proposal(id), parseProposal));
  const key = recordKey.vote(id, call.caller.msp);
  const existing = await load(call.state, key, parseVote);
  demand(existing === undefined, 'ALREADY_VOTED', 'the organisation has voted');
  await save(call.state, key, stamped({ approve }, undefined, call.at));
  return '';
}

/** What can be judged without the state is judged before anybody votes. @throws PROPOSAL_INVALID */
function checkContent({ kind, body }: ProposeRequest): void {
  const size = encodeCbor(body).length;
  demand(size <= MAX_BODY_BYTES, 'PROPOSAL_INVALID', 'the proposal is too long');
  const content = refuseAs('PROPOSAL_INVALID', () => parseProposalContent(kind, body));
  if (content.kind === 'organisation') checkOrganisation(content.body);
  if (content.kind === 'authority') checkAuthority(content.body);
  if (content.kind === 'type') readDefinition(content.body);
}
