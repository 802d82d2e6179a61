// SPDX-License-Identifier: Apache-2.0
// Fabric's messages that only its own peers speak: a transaction handed to the gateway service, answers of the system chaincode qscc.
import { utf8 } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import { common, gateway } from '../protos.ts';
import type { Call } from '../ledger.ts';
import type { ProposalAnswer } from '../proposal.ts';

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
/** The peer speaks itself: of the chaincode asked, or of one that it calls. */
const PEER_SAYS =
  /^(error in simulation|INVOKE_CHAINCODE failed: transaction ID: \w+: execute failed): /;
const CHAINCODE_DOWN =
  /could not launch chaincode|connection failed|failed to execute transaction \w+: (timeout|[^:]*: timeout)|stream terminated|failed to send/;

/** A peer's answer with the contract's own message. @throws LEDGER_UNAVAILABLE where the chaincode host is down or silent */
export function plainAnswer(answer: ProposalAnswer): ProposalAnswer {
  const { status, message } = answer;
  if (status < 400) return answer;
  if (PEER_SAYS.test(message) && CHAINCODE_DOWN.test(message)) {
    throw new CodedError('LEDGER_UNAVAILABLE', `the chaincode does not answer: ${message}`);
  }
  return { ...answer, message: message.replace(PREFIX, '') };
}
