// SPDX-License-Identifier: Apache-2.0
// Proposals and envelopes in Fabric's bytes: what a client asks peers, and what it hands to the orderer.
import { createHash } from 'node:crypto';
import { concat, utf8 } from '@zhenglian/core/bytes';
import { common, peer, Timestamp } from './protos.ts';
import type { Endorsement } from '@zhenglian/core/cosigned-answer';
import type { Signer } from './identity.ts';

/** Everything a proposal is made of. */
export interface ProposalParts {
  readonly channel: string;
  readonly chaincode: string;
  readonly args: readonly Uint8Array[];
  /** Serialized identity of the client. */
  readonly creator: Uint8Array;
  /** 24 random bytes. */
  readonly nonce: Uint8Array;
  /** Unix milliseconds. */
  readonly at: number;
}

/** A proposal, its transaction id, and the parts an envelope needs again. */
export interface Proposal {
  readonly transactionId: string;
  readonly bytes: Uint8Array;
  readonly header: Uint8Array;
  readonly signatureHeader: Uint8Array;
  readonly payload: Uint8Array;
}

/** A peer's answer to a proposal; endorsed only when the status is below 400. */
export interface ProposalAnswer {
  readonly status: number;
  readonly message: string;
  readonly result: Uint8Array;
  readonly payload: Uint8Array;
  readonly endorsement?: Endorsement;
}

/** Id of a transaction: SHA-256 of nonce ‖ creator, in hex. */
export function transactionId(nonce: Uint8Array, creator: Uint8Array): string {
  return createHash('sha256').update(nonce).update(creator).digest('hex');
}

/** Builds Fabric's Proposal. */
export function createProposal(parts: ProposalParts): Proposal {
  const id = transactionId(parts.nonce, parts.creator);
  const header = new common.Header();
  header.setChannelHeader(channelHeader(parts, id));
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(parts.creator);
  signatureHeader.setNonce(parts.nonce);
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const payload = proposalPayload(parts);
  const proposal = new peer.Proposal();
  proposal.setHeader(header.serializeBinary());
  proposal.setPayload(payload);
  return {
    transactionId: id,
    bytes: proposal.serializeBinary(),
    header: header.serializeBinary(),
    signatureHeader: signatureHeader.serializeBinary(),
    payload,
  };
}

/** Fabric's SignedProposal. */
export function signProposal(proposal: Uint8Array, sign: Signer): Uint8Array {
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(proposal);
  signed.setSignature(sign(proposal));
  return signed.serializeBinary();
}

/** Fabric's Envelope around an endorsed proposal, signed by the proposal's creator. */
export function createEnvelope(
  proposal: Proposal,
  payload: Uint8Array,
  endorsements: readonly Endorsement[],
  sign: Signer,
): Uint8Array {
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(payload);
  endorsed.setEndorsementsList(endorsements.map(endorsementMessage));
  const actionPayload = new peer.ChaincodeActionPayload();
  actionPayload.setChaincodeProposalPayload(proposal.payload);
  actionPayload.setAction(endorsed);
  const action = new peer.TransactionAction();
  action.setHeader(proposal.signatureHeader);
  action.setPayload(actionPayload.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.setActionsList([action]);
  const envelopePayload = new common.Payload();
  envelopePayload.setHeader(common.Header.deserializeBinary(proposal.header));
  envelopePayload.setData(transaction.serializeBinary());
  const bytes = envelopePayload.serializeBinary();
  return encodeEnvelope(bytes, sign(bytes));
}

/** Fabric's Envelope of payload bytes and a signature over them. */
export function encodeEnvelope(payload: Uint8Array, signature: Uint8Array): Uint8Array {
  const envelope = new common.Envelope();
  envelope.setPayload(payload);
  envelope.setSignature(signature);
  return envelope.serializeBinary();
}

/** Reads a peer's ProposalResponse. Throws whatever the protobuf library throws. */
export function decodeProposalResponse(bytes: Uint8Array): ProposalAnswer {
  const response = peer.ProposalResponse.deserializeBinary(bytes);
  const inner = response.getResponse();
  const endorsement = response.getEndorsement();
  return {
    status: inner?.getStatus() ?? 500,
    message: inner?.getMessage() ?? '',
    result: inner?.getPayload_asU8() ?? new Uint8Array(0),
    payload: response.getPayload_asU8(),
    ...(endorsement && {
      endorsement: {
        endorser: endorsement.getEndorser_asU8(),
        signature: endorsement.getSignature_asU8(),
      },
    }),
  };
}

/** What a peer signs: the payload, then its own identity. */
export function endorsedBytes(payload: Uint8Array, endorser: Uint8Array): Uint8Array {
  return concat(payload, endorser);
}

/** Fabric's Endorsement message. */
export function endorsementMessage({ endorser, signature }: Endorsement): peer.Endorsement {
  const message = new peer.Endorsement();
  message.setEndorser(endorser);
  message.setSignature(signature);
  return message;
}

function channelHeader(parts: ProposalParts, id: string): Uint8Array {
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(chaincodeId(parts.chaincode));
  const header = new common.ChannelHeader();
  header.setType(common.HeaderType.ENDORSER_TRANSACTION);
  header.setTimestamp(timestamp(parts.at));
  header.setChannelId(parts.channel);
  header.setTxId(id);
  header.setExtension$(extension.serializeBinary());
  return header.serializeBinary();
}

function proposalPayload(parts: ProposalParts): Uint8Array {
  const input = new peer.ChaincodeInput();
  input.setArgsList([...parts.args]);
  const spec = new peer.ChaincodeSpec();
  spec.setType(peer.ChaincodeSpec.Type.NODE);
  spec.setChaincodeId(chaincodeId(parts.chaincode));
  spec.setInput(input);
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocation.serializeBinary());
  return payload.serializeBinary();
}

function chaincodeId(name: string): peer.ChaincodeID {
  const id = new peer.ChaincodeID();
  id.setName(name);
  return id;
}

function timestamp(at: number): InstanceType<typeof Timestamp> {
  return new Timestamp().setSeconds(Math.floor(at / 1000)).setNanos((at % 1000) * 1_000_000);
}

/** Arguments of a call as the contracts read them. */
export function callArguments(
  name: string,
  request: Uint8Array,
  extra: readonly Uint8Array[] = [],
): Uint8Array[] {
  return [utf8(name), request, ...extra];
}
