// SPDX-License-Identifier: Apache-2.0
// Hashes field trees level by level (docs/credential-format.md §3), so that SM3 takes many messages of one length in one
// call: the trees of many copies of one type at once. `field-tree.ts` says what the trees are for.
import { sm3 } from '@zhenglian/guomi';
import { encodeCbor } from './cbor.ts';
import { KID_BYTES } from './signing.ts';
import type { SlotTree } from './types/definition.ts';
import type { SlotValue } from './types/slot-value.ts';

/** What makes the salts of a copy its own: key, epoch and status index. */
export interface CopyPosition {
  readonly kid: Uint8Array;
  readonly epoch: number;
  readonly index: number;
}

/** A node of a tree: its number in the tree of all trees, its leaves, and where its left child is; the right one is next. */
export interface TreeNode {
  readonly number: number;
  readonly firstLeaf: number;
  readonly leafCount: number;
  /** 0 for a leaf. */
  readonly left: number;
}

/** The nodes of a tree from the root down, children side by side; and the inner ones of each level. */
export interface TreePlan {
  readonly nodes: readonly TreeNode[];
  readonly levels: readonly (readonly number[])[];
}

/** What is known of a node: nothing, which leaves it to its children; its seed; its hash. */
export const KNOWN = { nothing: 0, seed: 1, hash: 2 } as const;

/** A tree of which enough is known to compute the rest: for every leaf its seed or the hash of a node above it. */
export interface KnownTree {
  readonly position: CopyPosition;
  /** For each node one of `KNOWN`. */
  readonly known: Uint8Array;
  /** 16 bytes a node. */
  readonly seeds: Uint8Array;
  /** 32 bytes a node. */
  readonly hashes: Uint8Array;
  /** The same bytes by words: a quarter of the steps to copy them. */
  readonly seedWords: Uint32Array;
  readonly hashWords: Uint32Array;
  readonly valueOf: (leaf: number) => SlotValue;
}

export const SEED_BYTES = 16;
export const HASH_BYTES = 32;
/** `seed ‖ kid ‖ epoch ‖ index ‖ node number`. */
const SPREAD_BYTES = SEED_BYTES + KID_BYTES + 10;
const PREFIX = { leaf: 0x00, node: 0x01, spread: 0x02 } as const;
const SEED_WORDS = SEED_BYTES / 4;
const HASH_WORDS = HASH_BYTES / 4;

/** Made once a tree: a definition keeps its object for as long as it is the current one. */
const plans = new WeakMap<Exclude<SlotTree, string>, TreePlan>();

/** The plan of a tree. */
export function planOf(tree: SlotTree): TreePlan {
  if (typeof tree === 'string') return layOut(tree);
  const known = plans.get(tree) ?? layOut(tree);
  plans.set(tree, known);
  return known;
}

/** A tree of which nothing is known yet. */
export function unknownTree(
  { nodes }: TreePlan,
  position: CopyPosition,
  valueOf: (leaf: number) => SlotValue,
): KnownTree {
  const seedWords = new Uint32Array(SEED_WORDS * nodes.length);
  const hashWords = new Uint32Array(HASH_WORDS * nodes.length);
  return {
    position,
    known: new Uint8Array(nodes.length),
    seeds: new Uint8Array(seedWords.buffer),
    hashes: new Uint8Array(hashWords.buffer),
    seedWords,
    hashWords,
    valueOf,
  };
}

/** Computes all seeds and hashes that follow from what is known; the root's hash is the first. */
export function computeTrees(plan: TreePlan, trees: readonly KnownTree[]): void {
  for (const level of plan.levels) spreadSeeds(plan, trees, level);
  hashLeaves(plan, trees);
  for (const level of plan.levels.toReversed()) joinHashes(plan, trees, level);
}

/** The seeds of the children, of nodes of one level whose seed is known. */
function spreadSeeds(
  { nodes }: TreePlan,
  trees: readonly KnownTree[],
  level: readonly number[],
): void {
  const messages = new Uint8Array(SPREAD_BYTES * trees.length * level.length);
  const view = new DataView(messages.buffer);
  let end = 0;
  for (const { known, position, seeds } of trees) {
    if (position.kid.length !== KID_BYTES) throw new TypeError('a kid has eight bytes');
    for (const node of level) {
      if (known[node] !== KNOWN.seed) continue;
      copyTo(messages, end, seeds, SEED_BYTES * node, SEED_BYTES);
      copyTo(messages, end + 16, position.kid, 0, KID_BYTES);
      view.setUint32(end + 24, position.epoch);
      view.setUint16(end + 28, position.index);
      view.setUint32(end + 30, nodes[node]?.number ?? 0);
      end += SPREAD_BYTES;
    }
  }
  if (end === 0) return;
  const both = wordsOf(sm3.hashEach(messages.subarray(0, end), SPREAD_BYTES, PREFIX.spread));
  let at = 0;
  for (const tree of trees) at = passSeeds(nodes, tree, level, both, at);
}

/** Gives the children of one tree's nodes their seeds, from `at` on; the nodes' hashes are still to come, from theirs. */
function passSeeds(
  nodes: TreePlan['nodes'],
  { known, seedWords }: KnownTree,
  level: readonly number[],
  both: Uint32Array,
  at: number,
): number {
  let next = at;
  for (const node of level) {
    if (known[node] !== KNOWN.seed) continue;
    const left = nodes[node]?.left ?? 0;
    copyTo(seedWords, SEED_WORDS * left, both, next, 2 * SEED_WORDS);
    known[left] = KNOWN.seed;
    known[left + 1] = KNOWN.seed;
    known[node] = KNOWN.nothing;
    next += 2 * SEED_WORDS;
  }
  return next;
}

/** Leaves, `salt ‖ CBOR value`, whose messages are of one length. */
interface Bucket {
  readonly trees: KnownTree[];
  readonly nodes: number[];
  readonly values: Uint8Array[];
}

function hashLeaves({ nodes }: TreePlan, trees: readonly KnownTree[]): void {
  const buckets = new Map<number, Bucket>();
  for (const tree of trees) {
    for (const [node, { left, firstLeaf }] of nodes.entries()) {
      if (left !== 0 || tree.known[node] !== KNOWN.seed) continue;
      const value = encodeCbor(tree.valueOf(firstLeaf));
      const bucket = buckets.get(value.length) ?? { trees: [], nodes: [], values: [] };
      if (bucket.nodes.length === 0) buckets.set(value.length, bucket);
      bucket.trees.push(tree);
      bucket.nodes.push(node);
      bucket.values.push(value);
    }
  }
  for (const [length, bucket] of buckets) hashBucket(bucket, SEED_BYTES + length);
}

function hashBucket({ trees, nodes, values }: Bucket, length: number): void {
  const messages = new Uint8Array(length * nodes.length);
  for (const [i, node] of nodes.entries()) {
    const { seeds = messages } = trees[i] ?? {};
    copyTo(messages, length * i, seeds, SEED_BYTES * node, SEED_BYTES);
    copyTo(messages, length * i + SEED_BYTES, values[i] ?? messages, 0, length - SEED_BYTES);
  }
  const digests = wordsOf(sm3.hashEach(messages, length, PREFIX.leaf));
  for (const [i, node] of nodes.entries()) {
    const { known, hashWords } = trees[i] ?? {};
    if (known === undefined || hashWords === undefined) continue;
    copyTo(hashWords, HASH_WORDS * node, digests, HASH_WORDS * i, HASH_WORDS);
    known[node] = KNOWN.hash;
  }
}

function joinHashes(
  { nodes }: TreePlan,
  trees: readonly KnownTree[],
  level: readonly number[],
): void {
  const messages = new Uint32Array(2 * HASH_WORDS * trees.length * level.length);
  let end = 0;
  for (const { known, hashWords } of trees) {
    for (const node of level) {
      if (known[node] !== KNOWN.nothing) continue;
      const left = nodes[node]?.left ?? 0;
      copyTo(messages, end, hashWords, HASH_WORDS * left, 2 * HASH_WORDS);
      end += 2 * HASH_WORDS;
    }
  }
  if (end === 0) return;
  const pairs = new Uint8Array(messages.buffer, 0, 4 * end);
  const digests = wordsOf(sm3.hashEach(pairs, 2 * HASH_BYTES, PREFIX.node));
  let at = 0;
  for (const { known, hashWords } of trees) {
    for (const node of level) {
      if (known[node] !== KNOWN.nothing) continue;
      copyTo(hashWords, HASH_WORDS * node, digests, at, HASH_WORDS);
      known[node] = KNOWN.hash;
      at += HASH_WORDS;
    }
  }
}

/** Digests by words; those of SM3 are an array of their own. */
function wordsOf(digests: Uint8Array): Uint32Array {
  return new Uint32Array(digests.buffer, digests.byteOffset, digests.length / 4);
}

/** For a few numbers quicker than a view and `set`. */
function copyTo<T extends Uint8Array | Uint32Array>(
  target: T,
  to: number,
  source: T,
  from: number,
  length: number,
): void {
  for (let i = 0; i < length; i += 1) target[to + i] = source[from + i] ?? 0;
}

function layOut(tree: SlotTree): TreePlan {
  const nodes: { number: number; firstLeaf: number; leafCount: number; left: number }[] = [];
  const parts: SlotTree[] = [tree];
  const numbers = [1];
  const levels: number[][] = [];
  let leavesBefore = [0];
  for (let start = 0; start < parts.length;) {
    const end = parts.length;
    const inner: number[] = [];
    const next: number[] = [];
    for (let at = start; at < end; at += 1) {
      const [part = '', number = 0, firstLeaf = 0] = [
        parts[at],
        numbers[at],
        leavesBefore[at - start],
      ];
      const isLeaf = typeof part === 'string';
      nodes.push({
        number,
        firstLeaf,
        leafCount: leafCountOf(part),
        left: isLeaf ? 0 : parts.length,
      });
      if (isLeaf) continue;
      inner.push(at);
      parts.push(part[0], part[1]);
      numbers.push(2 * number, 2 * number + 1);
      next.push(firstLeaf, firstLeaf + leafCountOf(part[0]));
    }
    if (inner.length > 0) levels.push(inner);
    start = end;
    leavesBefore = next;
  }
  return { nodes, levels };
}

function leafCountOf(tree: SlotTree): number {
  return typeof tree === 'string' ? 1 : leafCountOf(tree[0]) + leafCountOf(tree[1]);
}
