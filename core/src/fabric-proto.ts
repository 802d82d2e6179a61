// SPDX-License-Identifier: Apache-2.0
// Reads Fabric's protobuf messages from bytes nobody vouches for; the only place that knows the protobuf library.
// Stricter than protobuf: a field not in the list or a repeated single field is refused, so that nobody can
// make a peer (which takes the last one) and a verifier (which might take the first) read different messages.
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { concat, fromUtf8 } from './bytes.ts';
import { CodedError } from './errors.ts';

type Kind = 'bytes' | 'list' | 'integer';
type Layout = Readonly<Record<string, readonly [number, Kind]>>;
type FieldOf<K extends Kind> = K extends 'list'
  ? readonly Uint8Array[]
  : K extends 'integer'
    ? number
    : Uint8Array;
/** A message read by its layout; an absent field is empty or 0, as protobuf 3 has it. */
export type Message<L extends Layout> = { readonly [F in keyof L]: FieldOf<L[F][1]> };

const MAX_FIELDS = 1 << 17;
const WIRE = {
  integer: WireType.Varint,
  bytes: WireType.LengthDelimited,
  list: WireType.LengthDelimited,
};

/** Layouts of Fabric 3 (fabric-protos): every field a peer may write, whether it is used here or not. */
export const FABRIC = {
  proposal: { header: [1, 'bytes'], payload: [2, 'bytes'], extension: [3, 'bytes'] },
  header: { channelHeader: [1, 'bytes'], signatureHeader: [2, 'bytes'] },
  channelHeader: {
    type: [1, 'integer'],
    version: [2, 'integer'],
    timestamp: [3, 'bytes'],
    channelId: [4, 'bytes'],
    txId: [5, 'bytes'],
    epoch: [6, 'integer'],
    extension: [7, 'bytes'],
    tlsCertHash: [8, 'bytes'],
  },
  timestamp: { seconds: [1, 'integer'], nanos: [2, 'integer'] },
  headerExtension: { chaincodeId: [2, 'bytes'] },
  chaincodeId: { path: [1, 'bytes'], name: [2, 'bytes'], version: [3, 'bytes'] },
  proposalPayload: { input: [1, 'bytes'], transientMap: [2, 'list'] },
  invocation: { spec: [1, 'bytes'] },
  spec: {
    type: [1, 'integer'],
    chaincodeId: [2, 'bytes'],
    input: [3, 'bytes'],
    timeout: [4, 'integer'],
  },
  input: { args: [1, 'list'], decorations: [2, 'list'], isInit: [3, 'integer'] },
  responsePayload: { proposalHash: [1, 'bytes'], extension: [2, 'bytes'] },
  action: {
    results: [1, 'bytes'],
    events: [2, 'bytes'],
    response: [3, 'bytes'],
    chaincodeId: [4, 'bytes'],
  },
  response: { status: [1, 'integer'], message: [2, 'bytes'], payload: [3, 'bytes'] },
  readWriteSet: { dataModel: [1, 'integer'], namespaces: [2, 'list'] },
  namespace: { name: [1, 'bytes'], set: [2, 'bytes'], collections: [3, 'list'] },
  keyValues: {
    reads: [1, 'list'],
    ranges: [2, 'list'],
    writes: [3, 'list'],
    metadataWrites: [4, 'list'],
  },
  identity: { msp: [1, 'bytes'], certificate: [2, 'bytes'] },
} as const satisfies Record<string, Layout>;

/** Reads one message. @throws ANSWER_SHAPE on anything but its layout */
export function readMessage<const L extends Layout>(layout: L, bytes: Uint8Array): Message<L> {
  try {
    return read(layout, bytes);
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    throw new CodedError('ANSWER_SHAPE', 'not a Fabric message', { cause });
  }
}

/** Text of a string field. @throws ANSWER_SHAPE when it is not UTF-8 */
export function fieldText(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch (cause) {
    throw new CodedError('ANSWER_SHAPE', 'a text is not UTF-8', { cause });
  }
}

/** Field 1 with these bytes, as protobuf writes it; nothing when they are empty. */
export function writeFirstField(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return bytes;
  const head = [0x0a];
  let length = bytes.length;
  for (; length > 0x7f; length >>>= 7) head.push((length & 0x7f) | 0x80);
  return concat(Uint8Array.from([...head, length]), bytes);
}

function read<L extends Layout>(layout: L, bytes: Uint8Array): Message<L> {
  const fields = emptyFields(layout);
  const byNumber = new Map(
    Object.entries(layout).map(([name, [no, kind]]) => [no, { name, kind }]),
  );
  const seen = new Set<number>();
  const reader = new BinaryReader(bytes);
  for (let count = 0; reader.pos < reader.len; count++) {
    const [no, wire] = reader.tag();
    const field = byNumber.get(no);
    if (field === undefined || count > MAX_FIELDS) throw refused();
    const { name, kind } = field;
    if (wire !== WIRE[kind] || (kind !== 'list' && seen.has(no))) throw refused();
    seen.add(no);
    const list = fields[name];
    if (Array.isArray(list)) list.push(new Uint8Array(reader.bytes()));
    else fields[name] = kind === 'integer' ? readInteger(reader) : new Uint8Array(reader.bytes());
  }
  return fields as Message<L>;
}

function emptyFields(layout: Layout): Record<string, number | Uint8Array | Uint8Array[]> {
  const empty = { list: () => [], integer: () => 0, bytes: () => new Uint8Array(0) };
  return Object.fromEntries(
    Object.entries(layout).map(([name, [, kind]]) => [name, empty[kind]()]),
  );
}

function readInteger(reader: BinaryReader): number {
  const value = Number(reader.int64());
  if (!Number.isSafeInteger(value)) throw refused();
  return value;
}

function refused(): CodedError {
  return new CodedError('ANSWER_SHAPE', 'a field is unknown, repeated or of another kind');
}
