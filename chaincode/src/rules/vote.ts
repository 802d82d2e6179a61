// SPDX-License-Identifier: Apache-2.0
// Has a proposal passed? Votes of organisations that are members now, against the founding's threshold.
import type { Organisation } from '@zhenglian/core/records/organisation';
import type { Proposal, Vote } from '@zhenglian/core/records/proposal';
import { demand } from '../refusal.ts';

/** A proposal as it would be once enacted. @throws PROPOSAL_CLOSED, THRESHOLD_NOT_REACHED */
export function decideEnactment(
  proposal: Proposal,
  votes: ReadonlyMap<string, Vote>,
  organisations: readonly Organisation[],
  threshold: readonly [number, number],
): Omit<Proposal, 'rev' | 'at'> {
  requireOpen(proposal);
  const members = organisations.filter((o) => o.status === 'admitted');
  const approvals = members.filter((o) => votes.get(o.msp)?.approve === true).length;
  const [num, den] = threshold;
  demand(
    approvals * den >= num * members.length,
    'THRESHOLD_NOT_REACHED',
    `${String(approvals)} of ${String(members.length)} approve`,
  );
  return { ...proposal, status: 'enacted' };
}

/** @throws PROPOSAL_CLOSED */
export function requireOpen(proposal: Proposal): void {
  demand(proposal.status === 'open', 'PROPOSAL_CLOSED', 'it has been enacted');
}
