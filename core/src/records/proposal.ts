// SPDX-License-Identifier: Apache-2.0
// A proposal and the votes on it (docs/ledger.md §2).
import { sm3 } from '@zhenglian/guomi';
import { concat, toHex, utf8 } from '../bytes.ts';
import { encodeCbor } from '../cbor.ts';
import type { CborValue } from '../cbor.ts';
import { anything, bool, dictionary, list, oneOf, record } from '../shape.ts';
import type { Shaped } from '../shape.ts';
import { authorityBody } from './authority.ts';
import type { AuthorityBody } from './authority.ts';
import { kid, msp, proposalIdText, stamp } from './fields.ts';
import { lastGood } from './key.ts';
import { licenceTypeBody } from './licence-type.ts';
import type { LicenceTypeBody } from './licence-type.ts';
import { organisationBody } from './organisation.ts';
import type { OrganisationBody } from './organisation.ts';
import { actPolicyBody } from './policy.ts';
import type { ActPolicyBody } from './policy.ts';

export const PROPOSAL_KINDS = ['organisation', 'authority', 'type', 'policy', 'burn'] as const;
export const proposalKind = oneOf(...PROPOSAL_KINDS);
const burnBody = record({ kid, lastGood });
const content = {
  id: proposalIdText,
  kind: proposalKind,
  body: anything,
  by: msp,
  status: oneOf('open', 'enacted'),
  ...stamp,
};
const proposal = record(content);
const vote = record({ approve: bool, ...stamp });
const proposalList = list(record({ ...content, votes: dictionary(msp, bool) }));

export type ProposalKind = (typeof PROPOSAL_KINDS)[number];
/** A key to burn, and how far it was good. */
export type BurnBody = Shaped<typeof burnBody>;
/** Record `prop/<id>`. */
export type Proposal = Shaped<typeof proposal>;
/** Record `vote/<id>/<msp>`. */
export type Vote = Shaped<typeof vote>;
/** A proposal with the votes on it, as `Proposals` answers. */
export type ProposalWithVotes = Shaped<typeof proposalList>[number];
/** What is proposed, by kind. */
export type ProposalContent =
  | { readonly kind: 'organisation'; readonly body: OrganisationBody }
  | { readonly kind: 'authority'; readonly body: AuthorityBody }
  | { readonly kind: 'type'; readonly body: LicenceTypeBody }
  | { readonly kind: 'policy'; readonly body: ActPolicyBody }
  | { readonly kind: 'burn'; readonly body: BurnBody };

/** @throws SHAPE_INVALID */
export function parseProposal(value: CborValue): Proposal {
  return proposal(value, 'proposal');
}

/** @throws SHAPE_INVALID */
export function parseVote(value: CborValue): Vote {
  return vote(value, 'vote');
}

/** @throws SHAPE_INVALID */
export function parseProposals(value: CborValue): readonly ProposalWithVotes[] {
  return proposalList(value, 'proposals');
}

/** Reads a proposal's body as its kind demands. @throws SHAPE_INVALID */
export function parseProposalContent(kind: ProposalKind, body: CborValue): ProposalContent {
  switch (kind) {
    case 'organisation':
      return { kind, body: organisationBody(body, 'body') };
    case 'authority':
      return { kind, body: authorityBody(body, 'body') };
    case 'type':
      return { kind, body: licenceTypeBody(body, 'body') };
    case 'policy':
      return { kind, body: actPolicyBody(body, 'body') };
    case 'burn':
      return { kind, body: burnBody(body, 'body') };
  }
}

/** Id of a proposal: first 16 bytes, in hex, of SM3("ZL/proposal/1" ‖ CBOR [kind, body, by, nonce]). */
export function proposalId(
  kind: ProposalKind,
  body: CborValue,
  by: string,
  nonce: Uint8Array,
): string {
  const hash = sm3.hash(concat(utf8('ZL/proposal/1'), encodeCbor([kind, body, by, nonce])));
  return toHex(hash.subarray(0, 16));
}
