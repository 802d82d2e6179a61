// SPDX-License-Identifier: Apache-2.0
// Fabric's blocks: hashes, bytes, and what a reader of the Ledger interface gets of them.
import { createHash } from 'node:crypto';
import { concat, equals } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import { common, msp as mspMessages } from './protos.ts';
import {
  ENDORSER_TRANSACTION,
  envelopeType,
  functionName,
  openTransaction,
} from './transaction.ts';
import { readFields } from './wire-fields.ts';
import type { Block, BlockTransaction } from './ledger.ts';
import type { OpenTransaction } from './transaction.ts';

/** A block without its peers' flags: what the orderer makes. */
export interface OrderedBlock {
  readonly number: number;
  readonly previousHash: Uint8Array;
  readonly dataHash: Uint8Array;
  readonly hash: Uint8Array;
  readonly envelopes: readonly Uint8Array[];
}

const TRANSACTIONS_FILTER: number = common.BlockMetadataIndex.TRANSACTIONS_FILTER;
const COMMIT_HASH: number = common.BlockMetadataIndex.COMMIT_HASH;

/** Makes the block that follows a hash. */
export function createBlock(
  number: number,
  previousHash: Uint8Array,
  envelopes: readonly Uint8Array[],
): OrderedBlock {
  const dataHash = createHash('sha256')
    .update(concat(...envelopes))
    .digest();
  return {
    number,
    previousHash,
    dataHash,
    hash: headerHash(number, previousHash, dataHash),
    envelopes,
  };
}

/** SHA-256 of the ASN.1 header. */
export function headerHash(number: number, previous: Uint8Array, data: Uint8Array): Uint8Array {
  return createHash('sha256')
    .update(headerBytes(number, previous, data))
    .digest();
}

/** The ASN.1 header, what orderers sign: SEQUENCE { number, previous hash, data hash }. */
export function headerBytes(number: number, previous: Uint8Array, data: Uint8Array): Uint8Array {
  const content = concat(derInteger(number), derOctets(previous), derOctets(data));
  return concat(Uint8Array.of(0x30, content.length), content);
}

/** Bytes of header and data; a peer appends its metadata (`encodeFlags`), protobuf fields being a plain sequence. */
export function encodeBlock(block: OrderedBlock): Uint8Array {
  const header = new common.BlockHeader();
  header.setNumber(block.number);
  header.setPreviousHash(block.previousHash);
  header.setDataHash(block.dataHash);
  const data = new common.BlockData();
  data.setDataList([...block.envelopes]);
  const message = new common.Block();
  message.setHeader(header);
  message.setData(data);
  return message.serializeBinary();
}

/** Bytes of a block's metadata: a peer's validation codes and its commit hash. */
export function encodeFlags(codes: Uint8Array, commitHash: Uint8Array): Uint8Array {
  const metadata = new common.BlockMetadata();
  const list: Uint8Array[] = [];
  for (let i = 0; i <= COMMIT_HASH; i++) list.push(new Uint8Array(0));
  list[TRANSACTIONS_FILTER] = codes;
  const wrapped = new common.Metadata();
  wrapped.setValue(commitHash);
  list[COMMIT_HASH] = wrapped.serializeBinary();
  metadata.setMetadataList(list);
  const message = new common.Block();
  message.setMetadata(metadata);
  return message.serializeBinary();
}

/** Reads a block and checks its own hashes. @throws BLOCK_INVALID */
export function decodeOrderedBlock(
  bytes: Uint8Array,
): OrderedBlock & { readonly codes: Uint8Array } {
  const message = parse(bytes);
  const header = message.getHeader();
  if (!header) throw new CodedError('BLOCK_INVALID', 'a block without a header');
  const envelopes = message.getData()?.getDataList_asU8() ?? [];
  const block = createBlock(header.getNumber(), header.getPreviousHash_asU8(), envelopes);
  if (!equals(block.dataHash, header.getDataHash_asU8())) {
    throw new CodedError('BLOCK_INVALID', 'a block is not what its header says');
  }
  const metadata = message.getMetadata()?.getMetadataList_asU8() ?? [];
  return { ...block, codes: metadata[TRANSACTIONS_FILTER] ?? new Uint8Array(0) };
}

/** Reads a block as the Ledger interface gives it. @throws BLOCK_INVALID */
export function decodeBlock(bytes: Uint8Array): Block {
  return openBlock(decodeOrderedBlock(bytes));
}

/** A block that was checked, as the Ledger interface gives it. @throws BLOCK_INVALID */
export function openBlock(
  block: Omit<OrderedBlock, 'dataHash'> & { readonly codes: Uint8Array },
): Block {
  const { number, hash, previousHash, envelopes, codes } = block;
  const transactions = envelopes.flatMap((envelope, index) => {
    const code = codes[index] ?? NOT_VALIDATED;
    const transaction = readTransaction(envelope, code);
    return transaction ? [transaction] : [];
  });
  return { number, hash, previousHash, transactions };
}

const NOT_VALIDATED = 254;

function readTransaction(envelope: Uint8Array, code: number): BlockTransaction | undefined {
  try {
    if (envelopeType(envelope) !== ENDORSER_TRANSACTION) return undefined;
    const open = openTransaction(envelope);
    if (code === 0 && !isExecuted(open)) return undefined;
    return {
      id: open.transactionId,
      code,
      msp: mspMessages.SerializedIdentity.deserializeBinary(open.creator).getMspid(),
      at: open.at,
      chaincode: open.chaincode,
      name: functionName(open.args),
      args: open.args.slice(1),
      ...(open.event && { event: open.event }),
    };
  } catch (cause) {
    // An orderer may pack bytes that are no transaction; peers mark them invalid, readers skip them.
    if (code !== 0) return undefined;
    throw new CodedError('BLOCK_INVALID', 'a transaction called valid cannot be read', { cause });
  }
}

/**
 * Whether the policy of the called chaincode was asked for: peers do so for public writes to its state. A transaction
 * that writes to a collection alone is valid by that collection's policy, for an implicit one a single organisation's,
 * whatever function and arguments it names; no contract of ours writes to one.
 */
function isExecuted({ chaincode, readWriteSet }: OpenTransaction): boolean {
  const sets = readFields(readWriteSet).list(READ_WRITE_SET.namespaces).map(readFields);
  if (sets.some((set) => set.list(READ_WRITE_SET.collections).length > 0)) return false;
  return sets.some((set) => {
    if (Buffer.from(set.bytes(READ_WRITE_SET.namespace)).toString() !== chaincode) return false;
    return readFields(set.bytes(READ_WRITE_SET.public)).list(READ_WRITE_SET.writes).length > 0;
  });
}

/** Numbers of fields in rwset.TxReadWriteSet, rwset.NsReadWriteSet and kvrwset.KVRWSet. */
const READ_WRITE_SET = {
  namespaces: 2,
  namespace: 1,
  public: 2,
  collections: 3,
  writes: 3,
} as const;

function parse(bytes: Uint8Array): common.Block {
  try {
    return common.Block.deserializeBinary(bytes);
  } catch (cause) {
    throw new CodedError('BLOCK_INVALID', 'not a block', { cause });
  }
}

function derInteger(value: number): Uint8Array {
  const hex = value.toString(16);
  const digits = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const content = (digits[0] ?? 0) > 0x7f ? [0, ...digits] : [...digits];
  return Uint8Array.from([2, content.length, ...content]);
}

function derOctets(bytes: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(4, bytes.length), bytes);
}
