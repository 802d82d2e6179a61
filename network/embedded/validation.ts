// SPDX-License-Identifier: Apache-2.0
// How an organisation judges a block at commit, in Fabric's order and with Fabric's codes (peer/transaction.proto):
// who asked, whether enough organisations endorsed exactly this, and whether what was read still stands.
import { createHash } from 'node:crypto';
import { concat, equals, uintBytes, utf8 } from '@zhenglian/core/bytes';
import { endorsedBytes, transactionId } from '../proposal.ts';
import { verifySignature } from '../identity.ts';
import { chaincodeNames, isEndorsed } from '../definition.ts';
import { isSameVersion } from './key-value.ts';
import { requireSigned } from './membership.ts';
import { PendingWrites } from './pending-writes.ts';
import { decodeReadWriteSet } from './read-write-set.ts';
import { openTransaction } from '../transaction.ts';
import type { OrderedBlock } from '../block.ts';
import type { Membership } from './membership.ts';
import type { BlockCommit, StateStore } from './state-store.ts';
import type { NamespaceChanges } from './read-write-set.ts';
import type { OpenTransaction } from '../transaction.ts';

/** Fabric's validation codes that this engine gives. */
export const CODE = {
  valid: 0,
  badPayload: 2,
  badCreatorSignature: 4,
  invalidTransaction: 5,
  badTransactionId: 8,
  duplicateTransactionId: 9,
  endorsementPolicyFailure: 10,
  mvccReadConflict: 11,
  phantomReadConflict: 12,
  badResponsePayload: 20,
  badReadWriteSet: 21,
  invalidChaincode: 24,
} as const;

/** What judging needs besides the block and the state. */
export interface Rules {
  readonly channel: string;
  readonly msps: readonly string[];
  readonly membership: Membership;
}

/** Judges a block against an organisation's own state; nothing is written yet. */
export async function judgeBlock(
  block: OrderedBlock,
  state: StateStore,
  rules: Rules,
): Promise<BlockCommit> {
  // Block 0 is the network's definition, compared when the process starts; it holds no transaction.
  if (block.number === 0)
    return commitOf(block, [CODE.valid], [''], new PendingWrites(state), state);
  const pending = new PendingWrites(state);
  const ids = new Set<string>();
  const codes: number[] = [];
  const transactionIds: string[] = [];
  for (const [index, envelope] of block.envelopes.entries()) {
    const transaction = open(envelope);
    const isNew = transaction !== undefined && isFresh(transaction.transactionId, ids, state);
    const { code, changes } = judge(transaction, isNew, rules);
    const final = code === CODE.valid ? await judgeReads(changes, pending) : code;
    if (final === CODE.valid) addWrites(changes, { block: block.number, index }, pending);
    codes.push(final);
    // Only an id that its creator could make is kept: nobody may block another's id with a forgery.
    const isTrue = isNew && code !== CODE.badTransactionId && code !== CODE.badCreatorSignature;
    if (isTrue) ids.add(transaction.transactionId);
    transactionIds.push(isTrue ? transaction.transactionId : '');
  }
  return commitOf(block, codes, transactionIds, pending, state);
}

function open(envelope: Uint8Array): OpenTransaction | undefined {
  try {
    return openTransaction(envelope);
  } catch {
    return undefined;
  }
}

function isFresh(id: string, inBlock: ReadonlySet<string>, state: StateStore): boolean {
  return !inBlock.has(id) && state.transaction(id) === undefined;
}

interface Verdict {
  readonly code: number;
  readonly changes: readonly NamespaceChanges[];
}

function judge(transaction: OpenTransaction | undefined, isNew: boolean, rules: Rules): Verdict {
  if (!transaction) return { code: CODE.badPayload, changes: [] };
  const code = judgeHeader(transaction, isNew, rules);
  if (code !== CODE.valid) return { code, changes: [] };
  let changes: NamespaceChanges[];
  try {
    changes = decodeReadWriteSet(transaction.readWriteSet);
  } catch {
    return { code: CODE.badReadWriteSet, changes: [] };
  }
  return { code: judgeEndorsements(transaction, changes, rules), changes };
}

function judgeHeader(transaction: OpenTransaction, isNew: boolean, rules: Rules): number {
  const { creator, signed, signature, at } = transaction;
  if (transaction.transactionId !== transactionId(transaction.nonce, creator)) {
    return CODE.badTransactionId;
  }
  try {
    requireSigned(rules.membership, { identity: creator, message: signed, signature, at });
  } catch {
    return CODE.badCreatorSignature;
  }
  if (!isNew) return CODE.duplicateTransactionId;
  return judgeAction(transaction, rules);
}

function judgeAction(transaction: OpenTransaction, rules: Rules): number {
  const { chaincode, answeredBy, status } = transaction;
  if (transaction.channel !== rules.channel) return CODE.invalidTransaction;
  if (!equals(transaction.hash, transaction.endorsedHash)) return CODE.invalidTransaction;
  if (chaincode !== answeredBy || !chaincodeNames(rules.msps).includes(chaincode)) {
    return CODE.invalidChaincode;
  }
  return status >= 200 && status < 400 ? CODE.valid : CODE.badResponsePayload;
}

/** The policy of the chaincode called, and of every other one whose state would change. */
function judgeEndorsements(
  transaction: OpenTransaction,
  changes: readonly NamespaceChanges[],
  rules: Rules,
): number {
  const endorsers = new Set<string>();
  for (const { endorser, signature } of transaction.endorsements.slice(0, 64)) {
    const msp = endorserOf(endorser, signature, transaction, rules);
    if (msp !== undefined) endorsers.add(msp);
  }
  const written = changes.filter(({ writes }) => writes.length > 0).map((one) => one.namespace);
  const known = chaincodeNames(rules.msps);
  const isMet = [transaction.chaincode, ...written].every(
    (name) => known.includes(name) && isEndorsed(name, endorsers, rules.msps),
  );
  return isMet ? CODE.valid : CODE.endorsementPolicyFailure;
}

function endorserOf(
  endorser: Uint8Array,
  signature: Uint8Array,
  { payload, at }: OpenTransaction,
  { membership }: Rules,
): string | undefined {
  try {
    const member = membership(endorser, at);
    const holds = verifySignature(member.key, endorsedBytes(payload, endorser), signature);
    return holds && member.role === 'peer' ? member.msp : undefined;
  } catch {
    return undefined;
  }
}

async function judgeReads(
  changes: readonly NamespaceChanges[],
  pending: PendingWrites,
): Promise<number> {
  for (const { namespace, reads } of changes) {
    const stands = reads.every(({ key, version }) =>
      isSameVersion(pending.version(namespace, key), version),
    );
    if (!stands) return CODE.mvccReadConflict;
  }
  for (const { namespace, ranges } of changes) {
    for (const range of ranges) {
      const entries = await pending.range(namespace, range.start, range.end);
      if (!range.matches(entries)) return CODE.phantomReadConflict;
    }
  }
  return CODE.valid;
}

function addWrites(
  changes: readonly NamespaceChanges[],
  version: { readonly block: number; readonly index: number },
  pending: PendingWrites,
): void {
  for (const { namespace, writes } of changes) {
    for (const { key, value } of writes) pending.add({ namespace, key, value, version });
  }
}

function commitOf(
  block: OrderedBlock,
  codes: readonly number[],
  transactionIds: readonly string[],
  pending: PendingWrites,
  state: StateStore,
): BlockCommit {
  const writes = pending.sorted();
  const hash = createHash('sha256').update(state.commitHash).update(block.hash);
  hash.update(Uint8Array.from(codes));
  for (const { namespace, key, value } of writes) {
    const name = utf8(`${namespace}\0${key}`);
    hash.update(concat(uintBytes(name.length, 4), name));
    hash.update(
      concat(uintBytes(value === null ? 0 : value.length + 1, 4), value ?? new Uint8Array(0)),
    );
  }
  return {
    block: block.number,
    codes: Uint8Array.from(codes),
    commitHash: hash.digest(),
    transactionIds,
    writes,
  };
}
