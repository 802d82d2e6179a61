// SPDX-License-Identifier: Apache-2.0
// The salted field tree (docs/credential-format.md §3): one 16-byte seed a copy, salts by a GGM tree, 16 bytes to open a
// whole sub-tree, 32 to keep one closed. The wire says nothing about which byte is what: the mask does.
import { CodedError } from './errors.ts';
import {
  computeTrees,
  HASH_BYTES,
  KNOWN,
  planOf,
  SEED_BYTES,
  unknownTree,
} from './field-levels.ts';
import type { CopyPosition, KnownTree, TreeNode, TreePlan } from './field-levels.ts';
import type { SlotTree } from './types/definition.ts';
import type { SlotValue } from './types/slot-value.ts';

export type { CopyPosition } from './field-levels.ts';

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

/** Root of the field tree, 32 bytes. */
export function fieldRoot(fields: SeededFields): Uint8Array {
  return rootOf(computeSeeded([fields])[0]);
}

/** The roots of many trees, those of one type computed together. */
export function fieldRoots(copies: readonly SeededFields[]): readonly Uint8Array[] {
  return computeSeeded(copies).map(rootOf);
}

/** The proof that opens exactly the named leaves (numbers in tree order). */
export function discloseFields(fields: SeededFields, open: ReadonlySet<number>): Uint8Array {
  const { nodes } = planOf(fields.tree);
  const [tree] = computeSeeded([fields]);
  const parts: number[] = [];
  const visit = (at: number): void => {
    const node = nodes[at];
    if (node === undefined || tree === undefined) throw outOfTree();
    const state = openness(node, open);
    if (state === 'open') parts.push(...seedOf(tree, at));
    else if (state === 'closed') parts.push(...hashOf(tree, at));
    else for (const child of [node.left, node.left + 1]) visit(child);
  };
  visit(0);
  return Uint8Array.from(parts);
}

/** Recomputes the root from what was disclosed. @throws WIRE_PROOF when the proof's length does not fit the open leaves */
export function rebuildFieldRoot(fields: DisclosedFields): Uint8Array {
  const plan = planOf(fields.tree);
  const tree = treeOfProof(plan, fields);
  computeTrees(plan, [tree]);
  return rootOf(tree);
}

/** The same of many disclosures, those of one type computed together; for each its root, or what `rebuildFieldRoot` throws. */
export function rebuildFieldRoots(
  disclosures: readonly DisclosedFields[],
): readonly (Uint8Array | CodedError)[] {
  const found: (KnownTree | CodedError)[] = [];
  const groups = new Map<TreePlan, KnownTree[]>();
  for (const fields of disclosures) {
    const plan = planOf(fields.tree);
    try {
      const tree = treeOfProof(plan, fields);
      found.push(tree);
      groups.set(plan, [...(groups.get(plan) ?? []), tree]);
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      found.push(error);
    }
  }
  for (const [plan, trees] of groups) computeTrees(plan, trees);
  return found.map((tree) => (tree instanceof CodedError ? tree : rootOf(tree)));
}

/** A tree of which the proof's seeds and hashes are known. */
function treeOfProof(
  plan: TreePlan,
  { proof, open, values, position }: DisclosedFields,
): KnownTree {
  const leaves = [...open].sort((a, b) => a - b);
  const tree = unknownTree(plan, position, (leaf) => values[leaves.indexOf(leaf)] ?? null);
  let offset = 0;
  const take = (length: number): Uint8Array => {
    const part = proof.subarray(offset, offset + length);
    offset += length;
    if (part.length !== length) throw new CodedError('WIRE_PROOF', 'the proof is too short');
    return part;
  };
  const visit = (at: number): void => {
    const node = plan.nodes[at];
    if (node === undefined) throw outOfTree();
    const state = openness(node, open);
    if (state === 'open') {
      tree.seeds.set(take(SEED_BYTES), SEED_BYTES * at);
      tree.known[at] = KNOWN.seed;
    } else if (state === 'closed') {
      tree.hashes.set(take(HASH_BYTES), HASH_BYTES * at);
      tree.known[at] = KNOWN.hash;
    } else for (const child of [node.left, node.left + 1]) visit(child);
  };
  visit(0);
  if (offset !== proof.length) throw new CodedError('WIRE_PROOF', 'the proof is too long');
  return tree;
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

/** How many trees are computed in one go: what they take stays in the processor's cache. */
const AT_ONCE = 64;

/** The whole trees of copies, in their order. */
function computeSeeded(copies: readonly SeededFields[]): readonly KnownTree[] {
  const groups = new Map<TreePlan, KnownTree[]>();
  const trees = copies.map(({ tree, seed, values, position }) => {
    const plan = planOf(tree);
    const made = unknownTree(plan, position, (leaf) => values[leaf] ?? null);
    made.seeds.set(seed);
    made.known[0] = KNOWN.seed;
    const group = groups.get(plan);
    if (group === undefined) groups.set(plan, [made]);
    else group.push(made);
    return made;
  });
  for (const [plan, group] of groups) {
    for (let at = 0; at < group.length; at += AT_ONCE) {
      computeTrees(plan, group.slice(at, at + AT_ONCE));
    }
  }
  return trees;
}

function openness(node: TreeNode, open: ReadonlySet<number>): 'open' | 'closed' | 'mixed' {
  let count = 0;
  for (let leaf = node.firstLeaf; leaf < node.firstLeaf + node.leafCount; leaf++) {
    if (open.has(leaf)) count += 1;
  }
  if (count === node.leafCount) return 'open';
  return count === 0 ? 'closed' : 'mixed';
}

function rootOf(tree: KnownTree | undefined): Uint8Array {
  if (tree === undefined) throw outOfTree();
  return hashOf(tree, 0);
}

function hashOf({ hashes }: KnownTree, node: number): Uint8Array {
  return hashes.slice(HASH_BYTES * node, HASH_BYTES * (node + 1));
}

function seedOf({ seeds }: KnownTree, node: number): Uint8Array {
  return seeds.subarray(SEED_BYTES * node, SEED_BYTES * (node + 1));
}

function outOfTree(): TypeError {
  return new TypeError('unreachable: a node that the tree does not have');
}
