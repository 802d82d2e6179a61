// SPDX-License-Identifier: Apache-2.0
// The steps of a transaction one by one, for a client of an organisation: so that a drill can hold, stamp or repeat them.
import { randomBytes } from 'node:crypto';
import type { Endorsement } from '@zhenglian/core/cosigned-answer';
import { openFabric } from '@zhenglian/gateway/fabric-connection';
import { plainAnswer, prepareTransaction } from '@zhenglian/network/fabric/messages';
import { readMember } from '@zhenglian/network/fabric/members';
import { createSigner, serializeIdentity } from '@zhenglian/network/identity';
import {
  callArguments,
  createEnvelope,
  createProposal,
  decodeProposalResponse,
  signProposal,
} from '@zhenglian/network/proposal';
import type { Layout } from '@zhenglian/network/fabric/layout';
import type { Call } from '@zhenglian/network/ledger';
import type { ProposalAnswer } from '@zhenglian/network/proposal';

/** A signed question or transaction on its way to peers. */
export interface Proposed {
  readonly transactionId: string;
  readonly signed: Uint8Array;
  readonly envelope: (payload: Uint8Array, endorsements: readonly Endorsement[]) => Uint8Array;
}

/** A transaction that peers endorsed, and that nobody has ordered yet. */
export interface Endorsed {
  readonly transactionId: string;
  readonly signed: Uint8Array;
  readonly envelope: Uint8Array;
}

/** The steps. */
export interface Steps {
  propose(call: Call, at?: number): Proposed;
  /** Hands a proposal to an organisation's peer. @throws LEDGER_REFUSED, LEDGER_UNAVAILABLE */
  ask(msp: string, proposed: Pick<Proposed, 'signed'>): Promise<ProposalAnswer>;
  /** @throws Error when one of the peers does not endorse */
  endorse(call: Call, msps: readonly string[]): Promise<Endorsed>;
  /** Has it ordered, and tells the validation code of its commit. */
  order(endorsed: Endorsed): Promise<{ readonly code: number; readonly blockNumber: number }>;
  close(): void;
}

const ASK_MS = 30_000;
const ORDER_MS = 120_000;

/** Opens the steps of an organisation's client. */
export function openSteps(layout: Layout, msp: string): Steps {
  const member = readMember(layout, msp);
  const connection = openFabric(member);
  const creator = serializeIdentity(msp, member.certificatePem);
  const sign = createSigner(member.keyPem);
  const propose: Steps['propose'] = ({ chaincode, name, request, extra }, at = Date.now()) => {
    const proposal = createProposal({
      ...{ channel: member.channel, chaincode, creator, at },
      args: callArguments(name, request, extra),
      nonce: randomBytes(24),
    });
    return {
      transactionId: proposal.transactionId,
      signed: signProposal(proposal.bytes, sign),
      envelope: (payload, endorsements) => createEnvelope(proposal, payload, endorsements, sign),
    };
  };
  const ask: Steps['ask'] = async (peer, { signed }) => {
    const answer = await connection.ask(peer, signed, Date.now() + ASK_MS);
    return plainAnswer(decodeProposalResponse(answer));
  };
  return {
    propose,
    ask,
    endorse: async (call, msps) => {
      const proposed = propose(call);
      const { transactionId, signed } = proposed;
      const answers = await Promise.all(msps.map((peer) => ask(peer, proposed)));
      const endorsements = answers.map(({ endorsement, message }) => {
        if (!endorsement) throw new Error(`not endorsed: ${message}`);
        return endorsement;
      });
      const payload = answers[0]?.payload ?? new Uint8Array(0);
      return { transactionId, signed, envelope: proposed.envelope(payload, endorsements) };
    },
    order: ({ transactionId, envelope }) =>
      connection.submit(prepareTransaction(transactionId, envelope), Date.now() + ORDER_MS),
    close: () => {
      connection.close();
    },
  };
}
