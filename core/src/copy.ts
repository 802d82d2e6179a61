// SPDX-License-Identifier: Apache-2.0
// A copy as its owner holds it: the signed payload, the seed and all values. Minted by an authority, stored by a
// gateway or wallet, shown by `presentation.ts`.
import { decodeCbor, encodeCbor } from './cbor.ts';
import type { CborValue } from './cbor.ts';
import { fieldRoot, fieldRoots } from './field-tree.ts';
import type { CopyPosition } from './field-tree.ts';
import { formatLicenceId } from './identifiers/licence-id.ts';
import { encodeCoseSign1, encodePayload, payloadShapes } from './payload.ts';
import type { Extensions } from './payload.ts';
import { bytes, list, record } from './shape.ts';
import type { Shape } from './shape.ts';
import { keyId, signFor } from './signing.ts';
import type { Signer } from './signing.ts';
import { treeLeaves } from './types/definition.ts';
import type { TypeDefinition } from './types/definition.ts';
import { formatSlotValue } from './types/slot-value.ts';
import type { SlotValue } from './types/slot-value.ts';

/** Everything about one signed copy. `values` are in tree order; `seed` is 16 secret bytes. */
export interface Copy extends CopyPosition {
  readonly typeNumber: number;
  readonly typeVersion: number;
  readonly firstDay: number;
  readonly lastDay: number;
  readonly holderKey: Uint8Array | null;
  readonly extensions: Extensions;
  readonly seed: Uint8Array;
  readonly values: readonly SlotValue[];
  readonly signature: Uint8Array;
}

/** What an authority decides before it signs; see `Copy`. */
export interface CopyOrder {
  readonly type: TypeDefinition;
  readonly epoch: number;
  readonly index: number;
  readonly firstDay: number;
  readonly lastDay: number;
  readonly holderKey: Uint8Array | null;
  readonly seed: Uint8Array;
  readonly values: readonly SlotValue[];
}

/** A copy that wants its signature: `payload` is to be signed for the purpose `licence`. */
export interface CopyDraft {
  readonly copy: Omit<Copy, 'signature'>;
  readonly payload: Uint8Array;
}

/** Signs a copy with the authority's key. */
export function mintCopy(order: CopyOrder, networkId: Uint8Array, signer: Signer): Copy {
  const { copy, payload } = draftCopy(order, keyId(signer.publicKey));
  return { ...copy, signature: signFor(signer, { purpose: 'licence', networkId, payload }) };
}

/** Everything of a copy but the signature of the key `kid`. */
export function draftCopy(order: CopyOrder, kid: Uint8Array): CopyDraft {
  const copy = unsignedCopy(order, kid);
  return { copy, payload: copyPayload(copy, order.type) };
}

/** The same of many copies: their trees are hashed together, which takes a third of the time. */
export function draftCopies(orders: readonly CopyOrder[], kid: Uint8Array): readonly CopyDraft[] {
  const copies = orders.map((order) => unsignedCopy(order, kid));
  const roots = fieldRoots(
    copies.map((copy, i) => ({ ...treeOf(copy), tree: orders[i]?.type.tree ?? '' })),
  );
  return copies.map((copy, i) => {
    const root = roots[i];
    if (root === undefined) throw new TypeError('unreachable: one root a copy');
    return { copy, payload: encodePayload({ ...copy, fieldRoot: root }) };
  });
}

function unsignedCopy({ type, ...rest }: CopyOrder, kid: Uint8Array): CopyDraft['copy'] {
  const { number: typeNumber, version: typeVersion } = type;
  return { ...rest, typeNumber, typeVersion, kid, extensions: new Map() };
}

/** The signed payload of a copy. */
export function copyPayload(copy: CopyDraft['copy'], { tree }: TypeDefinition): Uint8Array {
  return encodePayload({ ...copy, fieldRoot: fieldRoot({ ...treeOf(copy), tree }) });
}

function treeOf(copy: CopyDraft['copy']) {
  return { values: copy.values, seed: copy.seed, position: copy };
}

/** The tagged COSE_Sign1 of a copy: what is anchored. */
export function copyCose(copy: Copy, type: TypeDefinition): Uint8Array {
  return encodeCoseSign1(copy.kid, copyPayload(copy, type), copy.signature);
}

/** Last day of a copy: the legal end, but at most the type's days for a document or device copy after its first. */
export function copyLastDay(
  type: TypeDefinition,
  values: readonly SlotValue[],
  firstDay: number,
  device: boolean,
): number {
  const longest = firstDay + (device ? type.deviceDays : type.documentDays);
  const end = slotValue(type, values, type.validity.to);
  return typeof end === 'number' ? Math.min(longest, end) : longest;
}

/** The value of a named slot among values in tree order. */
export function slotValue(
  type: TypeDefinition,
  values: readonly SlotValue[],
  name: string | undefined,
): SlotValue {
  return name === undefined ? null : (values[treeLeaves(type.tree).indexOf(name)] ?? null);
}

/** The GB/T 36904 identifier of a licence. @throws LICENCE_ID_INVALID */
export function licenceNumber(
  type: TypeDefinition,
  issuer: string,
  values: readonly SlotValue[],
): string {
  const ofKind = (kind: 'serial' | 'version') => {
    const slot = type.slots.find((s) => s.kind === kind);
    return slot === undefined ? '' : formatSlotValue(slot, slotValue(type, values, slot.name));
  };
  return formatLicenceId({
    typeCode: type.identifierCode,
    issuer,
    serial: ofKind('serial'),
    version: Number(ofKind('version')),
  });
}

const value: Shape<SlotValue> = (v) => v as SlotValue;
const stored = record({
  typeNumber: payloadShapes.typeNumber,
  typeVersion: payloadShapes.typeVersion,
  kid: bytes(8),
  epoch: payloadShapes.epoch,
  index: payloadShapes.index,
  firstDay: payloadShapes.day,
  lastDay: payloadShapes.day,
  holderKey: payloadShapes.holderKey,
  extensions: payloadShapes.extensions,
  seed: bytes(16),
  values: list(value, 32),
  signature: bytes(64),
});

/** Bytes of a copy for a wallet or store; they hold every field and must be kept encrypted. */
export function encodeCopy(copy: Copy): Uint8Array {
  const { extensions, ...members } = copy;
  return encodeCbor({ ...members, extensions });
}

/** Parses stored bytes. @throws SHAPE_INVALID, CBOR_* */
export function decodeCopy(encoded: Uint8Array): Copy {
  const decoded: CborValue = decodeCbor(encoded);
  return stored(decoded, 'copy');
}
