// SPDX-License-Identifier: Apache-2.0
// The salted field tree (docs/credential-format.md §3): one 16-byte seed a copy, salts by a GGM tree, 16 bytes to open a
// whole sub-tree, 32 to keep one closed. The wire says nothing about which byte is what: the mask does.
import { sm3 } from '@zhenglian/guomi';
import { concat } from './bytes.ts';
import { encodeCbor } from './cbor.ts';
import { CodedError } from './errors.ts';
import type { SlotTree } from './types/definition.ts';
import type { SlotValue } from './types/slot-value.ts';

/** What makes the salts of a copy its own: key, epoch and status index. */
export interface CopyPosition {
  readonly kid: Uint8Array;
  readonly epoch: number;
  readonly index: number;
}

/** A copy's tree: values in tree order, and the seed everything is salted from. */
export interface SeededFields {
  readonly tree: SlotTree;
  readonly values: readonly SlotValue[];
  readonly seed: Uint8Array;
  readonly position: CopyPosition;
}

/** What a verifier was sent: which leaves are open, their values in tree order, and the proof. */
export interface DisclosedFields {
  readonly tree: SlotTree;
  readonly open: ReadonlySet<number>;
  readonly values: readonly SlotValue[];
  readonly proof: Uint8Array;
  readonly position: CopyPosition;
}

const SEED_BYTES = 16;
const HASH_BYTES = 32;
const LEAF = Uint8Array.of(0x00);

interface Node {
  readonly number: number;
  readonly firstLeaf: number;
  readonly leafCount: number;
  readonly children?: readonly [Node, Node];
}

/** Root of the field tree, 32 bytes. */
export function fieldRoot(fields: SeededFields): Uint8Array {
  const { seed, position } = fields;
  return seededHash(layout(fields.tree), seed, position, (leaf) => fields.values[leaf] ?? null);
}

/** The proof that opens exactly the named leaves (numbers in tree order). */
export function discloseFields(fields: SeededFields, open: ReadonlySet<number>): Uint8Array {
  const parts: Uint8Array[] = [];
  const visit = (node: Node, seed: Uint8Array): void => {
    const state = openness(node, open);
    if (state === 'open') parts.push(seed);
    else if (state === 'closed') {
      parts.push(seededHash(node, seed, fields.position, (leaf) => fields.values[leaf] ?? null));
    } else {
      const [left, right] = childSeeds(seed, fields.position, node.number);
      visit(state.children[0], left);
      visit(state.children[1], right);
    }
  };
  visit(layout(fields.tree), fields.seed);
  return concat(...parts);
}

/** Recomputes the root from what was disclosed. @throws WIRE_PROOF when the proof's length does not fit the open leaves */
export function rebuildFieldRoot(fields: DisclosedFields): Uint8Array {
  let offset = 0;
  const take = (length: number): Uint8Array => {
    const part = fields.proof.subarray(offset, offset + length);
    offset += length;
    if (part.length !== length) throw new CodedError('WIRE_PROOF', 'the proof is too short');
    return part;
  };
  // Leaves are met in tree order, which is the order of the values.
  let next = 0;
  const valueOf = (): SlotValue => fields.values[next++] ?? null;
  const visit = (node: Node): Uint8Array => {
    const state = openness(node, fields.open);
    if (state === 'open') return seededHash(node, take(SEED_BYTES), fields.position, valueOf);
    if (state === 'closed') return take(HASH_BYTES);
    return hashNode(visit(state.children[0]), visit(state.children[1]));
  };
  const root = visit(layout(fields.tree));
  if (offset !== fields.proof.length) throw new CodedError('WIRE_PROOF', 'the proof is too long');
  return root;
}

/** The mask of open leaves, bit i = leaf i. */
export function encodeMask(open: ReadonlySet<number>): number {
  return [...open].reduce((mask, leaf) => mask + 2 ** leaf, 0);
}

/** The open leaves of a mask. @throws WIRE_MASK when none is open or a bit is beyond the tree */
export function decodeMask(mask: number, leafCount: number): ReadonlySet<number> {
  if (!Number.isInteger(mask) || mask < 1 || mask >= 2 ** leafCount) {
    throw new CodedError('WIRE_MASK', 'no slot is open, or one that the type does not have');
  }
  const open = new Set<number>();
  for (let leaf = 0; leaf < leafCount; leaf += 1) {
    if (Math.floor(mask / 2 ** leaf) % 2 === 1) open.add(leaf);
  }
  return open;
}

/** Made once a tree: a definition keeps its object for as long as it is the current one. */
const layouts = new WeakMap<Exclude<SlotTree, string>, Node>();

function layout(tree: SlotTree): Node {
  if (typeof tree === 'string') return layOut(tree);
  const known = layouts.get(tree) ?? layOut(tree);
  layouts.set(tree, known);
  return known;
}

function layOut(tree: SlotTree): Node {
  let leaves = 0;
  const place = (part: SlotTree, number: number): Node => {
    const firstLeaf = leaves;
    if (typeof part === 'string') return { number, firstLeaf, leafCount: 1 + leaves++ - firstLeaf };
    const left = place(part[0], 2 * number);
    const right = place(part[1], 2 * number + 1);
    return { number, firstLeaf, leafCount: leaves - firstLeaf, children: [left, right] };
  };
  return place(tree, 1);
}

type Openness = 'open' | 'closed' | { readonly children: readonly [Node, Node] };

function openness(node: Node, open: ReadonlySet<number>): Openness {
  let count = 0;
  for (let leaf = node.firstLeaf; leaf < node.firstLeaf + node.leafCount; leaf++) {
    if (open.has(leaf)) count += 1;
  }
  if (count === node.leafCount) return 'open';
  if (count === 0 || node.children === undefined) return 'closed';
  return { children: node.children };
}

function seededHash(
  node: Node,
  seed: Uint8Array,
  position: CopyPosition,
  valueOf: (leaf: number) => SlotValue,
): Uint8Array {
  if (node.children === undefined) {
    return sm3.hash(concat(LEAF, seed, encodeCbor(valueOf(node.firstLeaf))));
  }
  const [left, right] = childSeeds(seed, position, node.number);
  return hashNode(
    seededHash(node.children[0], left, position, valueOf),
    seededHash(node.children[1], right, position, valueOf),
  );
}

/** `0x02 ‖ seed ‖ kid ‖ epoch ‖ index ‖ node number`. */
function childSeeds(
  seed: Uint8Array,
  { kid, epoch, index }: CopyPosition,
  node: number,
): readonly [Uint8Array, Uint8Array] {
  const message = new Uint8Array(1 + SEED_BYTES + kid.length + 10);
  message[0] = 0x02;
  message.set(seed, 1);
  message.set(kid, 1 + SEED_BYTES);
  const numbers = new DataView(message.buffer, 1 + SEED_BYTES + kid.length);
  numbers.setUint32(0, epoch);
  numbers.setUint16(4, index);
  numbers.setUint32(6, node);
  const both = sm3.hash(message);
  return [both.subarray(0, SEED_BYTES), both.subarray(SEED_BYTES)];
}

function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  const message = new Uint8Array(1 + 2 * HASH_BYTES);
  message[0] = 0x01;
  message.set(left, 1);
  message.set(right, 1 + HASH_BYTES);
  return sm3.hash(message);
}
