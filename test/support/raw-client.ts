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

export type RawClient = ReturnType<typeof createRawClient>;

/** Whose steps they are, and how bytes get to peers and to the order. */
export interface RawParts {
  readonly msp: string;
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly ask: (msp: string, signedProposal: Uint8Array) => Promise<ProposalAnswer>;
  readonly send: (envelope: Uint8Array, transactionId: string) => Promise<void>;
  readonly outcome: (transactionId: string) => Promise<number | undefined>;
}

/** Opens the steps for one member of an organisation of an embedded network. */
export async function openRawClient(network: Pick<TestNetwork, 'dataDir' | 'url'>, msp: string) {
  const member = { role: 'client', name: 'raw' } as const;
  const identity = await ensureMember(network.dataDir, msp, member, Date.now());
  const { url } = network;
  return createRawClient({
    ...identity,
    ask: (peer, signed) => askPeer(url, peer, signed, DEADLINE_MS),
    send: (bytes) => order(url, bytes, DEADLINE_MS),
    outcome: async (id) =>
      (await askTransaction(url, { msp, id, wait: 10_000 }, DEADLINE_MS))?.code,
  });
}

/** The steps, over any engine. */
export function createRawClient(parts: RawParts) {
  const creator = serializeIdentity(parts.msp, parts.certificatePem);
  const sign = createSigner(parts.keyPem);

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
    parts.ask(peer, signProposal(proposal.bytes, sign));
  const endorse = async (call: Call, peers: readonly string[]): Promise<Endorsed> => {
    const proposal = propose(call);
    const answers = await Promise.all(peers.map((peer) => ask(proposal, peer)));
    const endorsements = answers.flatMap(({ endorsement }) => (endorsement ? [endorsement] : []));
    return { proposal, payload: answers[0]?.payload ?? new Uint8Array(0), endorsements };
  };
  const envelope = ({ proposal, payload, endorsements }: Endorsed): Uint8Array =>
    createEnvelope(proposal, payload, endorsements, sign);
  const send = (bytes: Uint8Array, id = ''): Promise<void> => parts.send(bytes, id);
  const { outcome } = parts;
  /** Orders an endorsed transaction and tells its validation code. */
  const commit = async (endorsed: Endorsed): Promise<number | undefined> => {
    await send(envelope(endorsed), endorsed.proposal.transactionId);
    return outcome(endorsed.proposal.transactionId);
  };
  return { creator, sign, propose, ask, endorse, envelope, send, outcome, commit };
}
