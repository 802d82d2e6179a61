// SPDX-License-Identifier: Apache-2.0
// A client that does each step of a transaction by hand, so that a test can bend any of them.
import { randomBytes } from 'node:crypto';
import { ensureMember } from '../../network/embedded/identities.ts';
import { askPeer, askTransaction, order } from '../../network/embedded/ledger-socket.ts';
import { createSigner, serializeIdentity } from '../../network/identity.ts';
import {
  callArguments,
  createEnvelope,
  createProposal,
  signProposal,
} from '../../network/proposal.ts';
import type { Endorsement } from '@zhenglian/core/cosigned-answer';
import type { Proposal, ProposalAnswer, ProposalParts } from '../../network/proposal.ts';
import type { Call } from '../../network/ledger.ts';
import type { TestNetwork } from './embedded-network.ts';

const DEADLINE_MS = 20_000;

export interface Endorsed {
  readonly proposal: Proposal;
  readonly payload: Uint8Array;
  readonly endorsements: readonly Endorsement[];
}

export type RawClient = Awaited<ReturnType<typeof openRawClient>>;

/** Opens the steps for one member of an organisation. */
export async function openRawClient(network: Pick<TestNetwork, 'dataDir' | 'url'>, msp: string) {
  const member = { role: 'client', name: 'raw' } as const;
  const identity = await ensureMember(network.dataDir, msp, member, Date.now());
  const creator = serializeIdentity(msp, identity.certificatePem);
  const sign = createSigner(identity.keyPem);
  const { url } = network;

  const propose = (
    { chaincode, name, request, extra }: Call,
    bent: Partial<ProposalParts> = {},
  ): Proposal =>
    createProposal({
      channel: 'zhenglian',
      chaincode,
      args: callArguments(name, request, extra),
      creator,
      nonce: randomBytes(24),
      at: Date.now(),
      ...bent,
    });
  const ask = (proposal: Proposal, peer: string): Promise<ProposalAnswer> =>
    askPeer(url, peer, signProposal(proposal.bytes, sign), DEADLINE_MS);
  const endorse = async (call: Call, peers: readonly string[]): Promise<Endorsed> => {
    const proposal = propose(call);
    const answers = await Promise.all(peers.map((peer) => ask(proposal, peer)));
    const endorsements = answers.flatMap(({ endorsement }) => (endorsement ? [endorsement] : []));
    return { proposal, payload: answers[0]?.payload ?? new Uint8Array(0), endorsements };
  };
  const envelope = ({ proposal, payload, endorsements }: Endorsed): Uint8Array =>
    createEnvelope(proposal, payload, endorsements, sign);
  const send = (bytes: Uint8Array): Promise<void> => order(url, bytes, DEADLINE_MS);
  const outcome = async (id: string): Promise<number | undefined> =>
    (await askTransaction(url, { msp, id, wait: 10_000 }, DEADLINE_MS))?.code;
  /** Orders an endorsed transaction and tells its validation code. */
  const commit = async (endorsed: Endorsed): Promise<number | undefined> => {
    await send(envelope(endorsed));
    return outcome(endorsed.proposal.transactionId);
  };
  return { creator, sign, propose, ask, endorse, envelope, send, outcome, commit };
}
