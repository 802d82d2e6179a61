// SPDX-License-Identifier: Apache-2.0
// One organisation's peer: its own state, its own key. It runs proposals for itself, signs its own result, judges blocks for itself.
import { CodedError } from '@zhenglian/core/errors';
import { createSigner, serializeIdentity } from '../identity.ts';
import { endorsedBytes, endorsementMessage, transactionId } from '../proposal.ts';
import { peer } from '../protos.ts';
import { ENDORSER_TRANSACTION, openProposal } from '../transaction.ts';
import { CONSORTIUM, chaincodeNames, chaincodeOwner } from '../definition.ts';
import { requireSigned } from './membership.ts';
import { Simulation } from './simulation.ts';
import { judgeBlock } from './validation.ts';
import type { MemberIdentity, Signer } from '../identity.ts';
import type { OrderedBlock } from '../block.ts';
import type { OpenProposal } from '../transaction.ts';
import type { Contract } from './contracts.ts';
import type { ContractEvent, ContractResponse } from './simulation.ts';
import type { StateStore } from './state-store.ts';
import type { Rules } from './validation.ts';

/** What a peer is made of. */
export interface PeerParts {
  readonly identity: MemberIdentity;
  readonly state: StateStore;
  readonly rules: Rules;
  readonly contracts: { readonly consortium: Contract; readonly organisation: Contract };
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** How far a proposal's time may be from the peer's own clock (Fabric's peer.authentication.timewindow). */
const TIME_WINDOW_SECONDS = 120;
const MAX_INVOKE_DEPTH = 2;

/** A live peer. */
export class Organisation {
  readonly #parts: PeerParts;
  readonly #endorser: Uint8Array;
  readonly #sign: Signer;

  constructor(parts: PeerParts) {
    this.#parts = parts;
    this.#endorser = serializeIdentity(parts.identity.msp, parts.identity.certificatePem);
    this.#sign = createSigner(parts.identity.keyPem);
  }

  get msp(): string {
    return this.#parts.identity.msp;
  }

  get state(): StateStore {
    return this.#parts.state;
  }

  /**
   * Answers a SignedProposal with a ProposalResponse, signed only when the contract did not refuse.
   * @throws LEDGER_REFUSED when the peer does not even ask the contract
   */
  async endorse(signedProposal: Uint8Array): Promise<Uint8Array> {
    const proposal = this.#admit(signedProposal);
    const simulation = new Simulation(this.#parts.state);
    try {
      const { args, chaincode } = proposal;
      const response = await this.#run(
        simulation,
        { proposal, signedProposal, chaincode, args },
        [],
      );
      const isGood = response.status < 400;
      return this.#respond(proposal, response, isGood ? simulation.readWriteSet() : undefined);
    } finally {
      await simulation.close();
    }
  }

  /** Judges a block and applies it, in one batch of this organisation's state. */
  async apply(block: OrderedBlock): Promise<void> {
    const { state, rules } = this.#parts;
    await state.commit(await judgeBlock(block, state, rules));
  }

  #admit(signedProposal: Uint8Array): OpenProposal {
    const proposal = openProposal(signedProposal);
    const { rules, now, state } = this.#parts;
    const skew = Math.abs(now() / 1000 - proposal.at);
    if (proposal.type !== ENDORSER_TRANSACTION || proposal.channel !== rules.channel) {
      throw new CodedError('LEDGER_REFUSED', 'a proposal for another channel');
    }
    if (skew > TIME_WINDOW_SECONDS) {
      throw new CodedError('LEDGER_REFUSED', `the proposal's time is ${skew.toFixed(0)} s off`);
    }
    const { creator: identity, bytes: message, signature, at } = proposal;
    requireSigned(rules.membership, { identity, message, signature, at });
    if (proposal.transactionId !== transactionId(proposal.nonce, identity)) {
      throw new CodedError('LEDGER_REFUSED', 'the transaction id is not made of nonce and creator');
    }
    if (state.transaction(proposal.transactionId)) {
      throw new CodedError('LEDGER_REFUSED', 'the transaction is in the chain already');
    }
    chaincodeOwner(proposal.chaincode, rules.msps);
    return proposal;
  }

  async #run(
    simulation: Simulation,
    call: {
      readonly proposal: OpenProposal;
      readonly signedProposal: Uint8Array;
      readonly chaincode: string;
      readonly args: readonly Uint8Array[];
    },
    callers: readonly string[],
  ): Promise<ContractResponse> {
    const { contracts, rules } = this.#parts;
    const contract = call.chaincode === CONSORTIUM ? contracts.consortium : contracts.organisation;
    const stack = [...callers, call.chaincode];
    const handler = simulation.handler(call.chaincode, async (target, args) => {
      const chaincode = target.replace(`/${rules.channel}`, '');
      const isKnown = chaincodeNames(rules.msps).includes(chaincode);
      if (!isKnown || stack.includes(chaincode) || stack.length >= MAX_INVOKE_DEPTH) {
        return { status: 500, message: `LEDGER_REFUSED: ${target} cannot be invoked from here` };
      }
      return this.#run(simulation, { ...call, chaincode, args }, stack);
    });
    return contract({
      channel: rules.channel,
      transactionId: call.proposal.transactionId,
      args: call.args,
      signedProposal: call.signedProposal,
      handler,
    });
  }

  #respond(proposal: OpenProposal, answer: ContractResponse, results?: Uint8Array): Uint8Array {
    const response = new peer.Response();
    response.setStatus(answer.status);
    response.setMessage(answer.message ?? '');
    response.setPayload(answer.payload ?? new Uint8Array(0));
    const message = new peer.ProposalResponse();
    message.setVersion(1);
    message.setResponse(response);
    if (results) {
      const payload = responsePayload(proposal, response, { results, event: answer.event });
      const signature = this.#sign(endorsedBytes(payload, this.#endorser));
      message.setPayload(payload);
      message.setEndorsement(endorsementMessage({ endorser: this.#endorser, signature }));
    }
    return message.serializeBinary();
  }
}

function eventBytes(proposal: OpenProposal, event: ContractEvent): Uint8Array {
  const message = new peer.ChaincodeEvent();
  message.setChaincodeId(proposal.chaincode);
  message.setTxId(proposal.transactionId);
  message.setEventName(event.name);
  message.setPayload(event.payload);
  return message.serializeBinary();
}

function responsePayload(
  proposal: OpenProposal,
  response: peer.Response,
  { results, event }: { readonly results: Uint8Array; readonly event: ContractEvent | undefined },
): Uint8Array {
  const id = new peer.ChaincodeID();
  id.setName(proposal.chaincode);
  const action = new peer.ChaincodeAction();
  action.setResults(results);
  action.setResponse(response);
  action.setChaincodeId(id);
  if (event) action.setEvents(eventBytes(proposal, event));
  const payload = new peer.ProposalResponsePayload();
  payload.setProposalHash(proposal.hash);
  payload.setExtension$(action.serializeBinary());
  return payload.serializeBinary();
}
