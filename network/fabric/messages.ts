// SPDX-License-Identifier: Apache-2.0
// Fabric's messages that only its own peers speak: a transaction handed to the gateway service, answers of the system chaincode qscc.
import { utf8 } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import { common, gateway } from '../protos.ts';
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
