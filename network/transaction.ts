// SPDX-License-Identifier: Apache-2.0
// Reads proposals and envelopes back from Fabric's bytes, for peers that check them and for readers of blocks: as Fabric's own programs read them,
// since a client may write a message in many ways.
import { createHash } from 'node:crypto';
import { fromUtf8 } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import { proposalHash } from '@zhenglian/core/cosigned-answer';
import { common } from './protos.ts';
import { readFields } from './wire-fields.ts';
import type { Endorsement } from '@zhenglian/core/cosigned-answer';
import type { Fields } from './wire-fields.ts';

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
    const signed = readFields(signedProposal);
    const bytes = signed.bytes(1);
    const proposal = readFields(bytes);
    return {
      ...readHeader(readFields(proposal.bytes(1))),
      ...readInput(proposal.bytes(2)),
      bytes,
      signature: signed.bytes(2),
      // The strict reader of core: what a verifier will refuse to read is not endorsed in the first place.
      hash: proposalHash(bytes),
    };
  });
}

/** Type of whatever an envelope holds. @throws LEDGER_REFUSED */
export function envelopeType(envelope: Uint8Array): number {
  return read(
    'an envelope',
    () => readHeader(headerOf(readFields(readFields(envelope).bytes(1)))).type,
  );
}

/** Opens an envelope of exactly one endorsed transaction. @throws LEDGER_REFUSED when it is none */
export function openTransaction(envelopeBytes: Uint8Array): OpenTransaction {
  return read('an endorsed transaction', () => {
    const envelope = readFields(envelopeBytes);
    const signed = envelope.bytes(1);
    const payload = readFields(signed);
    const header = headerOf(payload);
    const actions = readFields(payload.bytes(2)).list(1);
    const [action] = actions;
    if (!action || actions.length !== 1) throw new Error('not one action');
    const body = readFields(readFields(action).bytes(2));
    if (body.list(2).length === 0) throw new Error('no endorsed action');
    const endorsed = body.message(2);
    const proposalPayload = body.bytes(1);
    return {
      ...readHeader(header),
      ...readInput(proposalPayload),
      ...readAnswer(endorsed.bytes(1)),
      signed,
      signature: envelope.bytes(2),
      hash: hashParts(header, proposalPayload),
      endorsements: endorsed.list(2).map((bytes) => {
        const one = readFields(bytes);
        return { endorser: one.bytes(1), signature: one.bytes(2) };
      }),
    };
  });
}

function headerOf(payload: Fields): Fields {
  if (payload.list(1).length === 0) throw new Error('no header');
  return payload.message(1);
}

function readHeader(header: Fields): TransactionHeader {
  const channel = readFields(header.bytes(1));
  const signature = readFields(header.bytes(2));
  return {
    type: channel.int32(1),
    channel: fromUtf8(channel.bytes(4)),
    transactionId: fromUtf8(channel.bytes(5)),
    at: channel.message(3).int64(1),
    chaincode: chaincodeName(readFields(channel.bytes(7)).message(2)),
    creator: signature.bytes(1),
    nonce: signature.bytes(2),
  };
}

function readInput(proposalPayload: Uint8Array): { args: readonly Uint8Array[] } {
  const invocation = readFields(readFields(proposalPayload).bytes(1));
  return { args: invocation.message(1).message(3).list(1) };
}

function readAnswer(payload: Uint8Array) {
  const answer = readFields(payload);
  const action = readFields(answer.bytes(2));
  return {
    payload,
    endorsedHash: answer.bytes(1),
    answeredBy: chaincodeName(action.message(4)),
    status: action.message(3).int32(1),
    readWriteSet: action.bytes(1),
    ...readEvent(action.bytes(2)),
  };
}

function readEvent(bytes: Uint8Array) {
  if (bytes.length === 0) return {};
  const event = readFields(bytes);
  return { event: { name: fromUtf8(event.bytes(3)), payload: event.bytes(4) } };
}

function chaincodeName(id: Fields): string {
  return fromUtf8(id.bytes(2));
}

/** As `proposalHash`, from the parts an envelope carries; its payload has no transient map any more. */
function hashParts(header: Fields, proposalPayload: Uint8Array): Uint8Array {
  return createHash('sha256')
    .update(header.bytes(1))
    .update(header.bytes(2))
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
