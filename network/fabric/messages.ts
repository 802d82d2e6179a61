// SPDX-License-Identifier: Apache-2.0
// Fabric's messages that only its own peers speak: a transaction handed to the gateway service, answers of the system chaincode qscc.
import { utf8 } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import { publicKeyOf, verifySignature } from '../identity.ts';
import { decodeProposalResponse, endorsedBytes } from '../proposal.ts';
import { common, gateway, msp as mspMessages } from '../protos.ts';
import type { Call } from '../ledger.ts';
import type { ProposalAnswer } from '../proposal.ts';
import { explain } from './peer-words.ts';

/** A signed envelope as the gateway service takes it. */
export function prepareTransaction(transactionId: string, envelope: Uint8Array): Uint8Array {
  const prepared = new gateway.PreparedTransaction();
  prepared.setTransactionId(transactionId);
  prepared.setEnvelope(common.Envelope.deserializeBinary(envelope));
  return prepared.serializeBinary();
}

/** Asks a peer for its height. */
export function chainInfoCall(channel: string): Call {
  return { chaincode: 'qscc', name: 'GetChainInfo', request: utf8(channel) };
}

/** Height in the answer to `chainInfoCall`. */
export function readHeight(answer: Uint8Array): number {
  return common.BlockchainInfo.deserializeBinary(answer).getHeight();
}

/** Asks a peer for the block that holds a transaction. */
export function blockOfTransactionCall(channel: string, transactionId: string): Call {
  const extra = [utf8(transactionId)];
  return { chaincode: 'qscc', name: 'GetBlockByTxID', request: utf8(channel), extra };
}

/** Tells whether qscc says that no block holds the transaction. */
export function isUnknownTransaction(message: string): boolean {
  return /no such transaction ID/i.test(message);
}

const PREFIX = /^error in simulation: (transaction returned with failure: )?(Error: )*/;
/** A peer's own words for "not now". A contract's message begins with its code and matches none. */
const NOT_NOW: readonly RegExp[] = [
  // Of the chaincode asked: its host is down, slow, or hung up.
  /^error in simulation: failed to execute transaction \w+: /,
  /^error in simulation: (could not launch chaincode|nil response from transaction)/,
  // Of a chaincode that it calls; but for two names of one host in one transaction, which never goes.
  /^[A-Z_]+ failed: transaction ID: \w+: execute failed: (?!error sending: txid: \S+ exists$)/,
  // Of the contract's own requests to its peer, while that is being stopped or gave the transaction up.
  /^[A-Z_]+ failed: transaction ID: \w+: (panic during execution|no ledger context|leveldb: closed)/,
  // A peer that was wiped: it does not have the block of the definition yet, or not its packages.
  /^make sure the chaincode \S+ has been successfully defined on channel \S+ and try again: chaincode /,
];

/** A peer's answer with the contract's own message. @throws LEDGER_UNAVAILABLE where the chaincode host is down or silent, or the peer is not that far yet */
export function plainAnswer(answer: ProposalAnswer): ProposalAnswer {
  const { status, message } = answer;
  if (status < 400) return answer;
  const own = message.replace(PREFIX, '');
  if (NOT_NOW.some((words) => words.test(message) || words.test(own))) {
    throw new CodedError('LEDGER_UNAVAILABLE', `the peer cannot run it now: ${explain(message)}`);
  }
  return { ...answer, message: explain(own) };
}

/**
 * The answer of the peer that is known as an organisation's, signed as it is: what a client cannot check no verifier will believe.
 * @throws LEDGER_REFUSED when it is no such peer or its signature does not hold; as `plainAnswer`
 */
export function readAnswer(msp: string, bytes: Uint8Array): ProposalAnswer {
  const answer = decodeAnswer(bytes);
  const { endorsement, payload } = answer;
  if (endorsement === undefined) return plainAnswer(answer);
  const signer = endorserOf(endorsement.endorser);
  if (signer.msp !== msp) {
    const words = `the peer known as ${msp}'s is ${signer.msp}'s: see FABRIC_PEERS`;
    throw new CodedError('LEDGER_REFUSED', words);
  }
  const signed = endorsedBytes(payload, endorsement.endorser);
  if (!verifySignature(publicKeyOf(signer.certificatePem), signed, endorsement.signature)) {
    throw new CodedError('LEDGER_REFUSED', `the peer of ${msp} signs what does not hold`);
  }
  return plainAnswer(answer);
}

function decodeAnswer(bytes: Uint8Array): ProposalAnswer {
  try {
    return decodeProposalResponse(bytes);
  } catch (cause) {
    const words = 'what answers is no peer of Hyperledger Fabric 3.1: see FABRIC_PEERS';
    throw new CodedError('LEDGER_REFUSED', words, { cause });
  }
}

function endorserOf(endorser: Uint8Array) {
  try {
    const identity = mspMessages.SerializedIdentity.deserializeBinary(endorser);
    const certificatePem = new TextDecoder().decode(identity.getIdBytes_asU8());
    return { msp: identity.getMspid(), certificatePem };
  } catch {
    return { msp: 'nobody', certificatePem: '' };
  }
}
