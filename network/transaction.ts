// SPDX-License-Identifier: Apache-2.0
// Reads proposals and envelopes back from Fabric's bytes, for peers that check them and for readers of blocks.
import { createHash } from 'node:crypto';
import { fromUtf8 } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import { proposalHash } from '@zhenglian/core/cosigned-answer';
import { common, peer } from './protos.ts';
import type { Endorsement } from '@zhenglian/core/cosigned-answer';

/** What the headers of a proposal or an envelope say. */
export interface TransactionHeader {
  readonly type: number;
  readonly channel: string;
  readonly transactionId: string;
  /** Unix seconds. */
  readonly at: number;
  readonly chaincode: string;
  readonly creator: Uint8Array;
  readonly nonce: Uint8Array;
}

/** A signed proposal, opened. */
export interface OpenProposal extends TransactionHeader {
  readonly args: readonly Uint8Array[];
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
  readonly hash: Uint8Array;
}

/** An endorsed transaction in an envelope, opened. */
export interface OpenTransaction extends TransactionHeader {
  readonly args: readonly Uint8Array[];
  /** What the client's signature covers. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  /** Hash recomputed from the envelope, and hash the peers signed. */
  readonly hash: Uint8Array;
  readonly endorsedHash: Uint8Array;
  readonly payload: Uint8Array;
  readonly endorsements: readonly Endorsement[];
  readonly answeredBy: string;
  readonly status: number;
  readonly readWriteSet: Uint8Array;
  readonly event?: { readonly name: string; readonly payload: Uint8Array };
}

/** Type of an endorsed transaction in a channel header. */
export const ENDORSER_TRANSACTION: number = common.HeaderType.ENDORSER_TRANSACTION;

/** Opens a SignedProposal. @throws LEDGER_REFUSED when it is none */
export function openProposal(signedProposal: Uint8Array): OpenProposal {
  return read('a signed proposal', () => {
    const signed = peer.SignedProposal.deserializeBinary(signedProposal);
    const bytes: Uint8Array = signed.getProposalBytes_asU8();
    const proposal = peer.Proposal.deserializeBinary(bytes);
    const header = common.Header.deserializeBinary(proposal.getHeader_asU8());
    return {
      ...readHeader(header),
      ...readInput(proposal.getPayload_asU8()),
      bytes,
      signature: signed.getSignature_asU8(),
      // The strict reader of core: what a verifier will refuse to read is not endorsed in the first place.
      hash: proposalHash(bytes),
    };
  });
}

/** Type of whatever an envelope holds. @throws LEDGER_REFUSED */
export function envelopeType(envelope: Uint8Array): number {
  return read('an envelope', () => {
    const header = payloadOf(envelope).getHeader();
    if (!header) throw new Error('no header');
    return readHeader(header).type;
  });
}

/** Opens an envelope of exactly one endorsed transaction. @throws LEDGER_REFUSED when it is none */
export function openTransaction(envelopeBytes: Uint8Array): OpenTransaction {
  return read('an endorsed transaction', () => {
    const envelope = common.Envelope.deserializeBinary(envelopeBytes);
    const signed: Uint8Array = envelope.getPayload_asU8();
    const payload = common.Payload.deserializeBinary(signed);
    const header = payload.getHeader();
    const actions = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList();
    const action = actions[0];
    if (!header || !action || actions.length !== 1) throw new Error('no header or action');
    const body = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
    const endorsed = body.getAction();
    if (!endorsed) throw new Error('no action');
    const proposalPayload: Uint8Array = body.getChaincodeProposalPayload_asU8();
    return {
      ...readHeader(header),
      ...readInput(proposalPayload),
      ...readAnswer(endorsed.getProposalResponsePayload_asU8()),
      signed,
      signature: envelope.getSignature_asU8(),
      hash: hashParts(header, proposalPayload),
      endorsements: endorsed.getEndorsementsList().map((one) => ({
        endorser: one.getEndorser_asU8(),
        signature: one.getSignature_asU8(),
      })),
    };
  });
}

function payloadOf(envelope: Uint8Array): common.Payload {
  const bytes: Uint8Array = common.Envelope.deserializeBinary(envelope).getPayload_asU8();
  return common.Payload.deserializeBinary(bytes);
}

function readHeader(header: common.Header): TransactionHeader {
  const channel = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
  const signature = common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8());
  const extension = peer.ChaincodeHeaderExtension.deserializeBinary(channel.getExtension_asU8());
  return {
    type: channel.getType(),
    channel: channel.getChannelId(),
    transactionId: channel.getTxId(),
    at: channel.getTimestamp()?.getSeconds() ?? 0,
    chaincode: extension.getChaincodeId()?.getName() ?? '',
    creator: signature.getCreator_asU8(),
    nonce: signature.getNonce_asU8(),
  };
}

function readInput(proposalPayload: Uint8Array): { args: Uint8Array[] } {
  const payload = peer.ChaincodeProposalPayload.deserializeBinary(proposalPayload);
  const invocation = peer.ChaincodeInvocationSpec.deserializeBinary(payload.getInput_asU8());
  return { args: invocation.getChaincodeSpec()?.getInput()?.getArgsList_asU8() ?? [] };
}

function readAnswer(payload: Uint8Array) {
  const answer = peer.ProposalResponsePayload.deserializeBinary(payload);
  const action = peer.ChaincodeAction.deserializeBinary(answer.getExtension_asU8());
  return {
    payload,
    endorsedHash: answer.getProposalHash_asU8(),
    answeredBy: action.getChaincodeId()?.getName() ?? '',
    status: action.getResponse()?.getStatus() ?? 0,
    readWriteSet: action.getResults_asU8(),
    ...readEvent(action.getEvents_asU8()),
  };
}

function readEvent(bytes: Uint8Array) {
  if (bytes.length === 0) return {};
  const event = peer.ChaincodeEvent.deserializeBinary(bytes);
  return { event: { name: event.getEventName(), payload: event.getPayload_asU8() } };
}

/** As `proposalHash`, from the parts an envelope carries; its payload has no transient map any more. */
function hashParts(header: common.Header, proposalPayload: Uint8Array): Uint8Array {
  return createHash('sha256')
    .update(header.getChannelHeader_asU8())
    .update(header.getSignatureHeader_asU8())
    .update(proposalPayload)
    .digest();
}

/** Name of the function a transaction calls; empty when its bytes are no text. */
export function functionName(args: readonly Uint8Array[]): string {
  try {
    return fromUtf8(args[0] ?? new Uint8Array(0));
  } catch {
    return '';
  }
}

function read<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw new CodedError('LEDGER_REFUSED', `not ${what}`, { cause });
  }
}
