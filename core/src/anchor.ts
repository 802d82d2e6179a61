// SPDX-License-Identifier: Apache-2.0
// What of a copy goes on the ledger: one argument in a batch (docs/credential-format.md §5).
import { sm3 } from '@zhenglian/guomi';
import { concat, utf8 } from './bytes.ts';
import { startOfDay } from './days.ts';
import { merkleRoot, merkleTree, verifyMerklePath } from './merkle.ts';
import type { MerkleTree } from './merkle.ts';

const PREFIXES = { leaf: 0x10, node: 0x11 } as const;

/** Copies an epoch holds: status indexes are 0 to 65,535. */
export const EPOCH_SIZE = 65_536;

/**
 * Until when (unix seconds) a copy that was released before its anchor counts: the end of the day, in Beijing, after its
 * first one. A key that has leaked must not make licences of any age pass as new ones.
 */
export function anchorDueAt(firstDay: number): number {
  return startOfDay(firstDay + 2);
}

/** Shows that a batch holds `argument` at a position. */
export interface InclusionProof {
  readonly argument: Uint8Array;
  readonly path: readonly Uint8Array[];
}

/** The argument of a copy: 32 bytes. */
export function anchorArgument(coseSign1: Uint8Array): Uint8Array {
  return sm3.hash(concat(utf8('ZL/anchor/1'), coseSign1));
}

/** The argument of an index that was abandoned. */
export function voidArgument(): Uint8Array {
  return sm3.hash(utf8('ZL/void/1'));
}

/** Root of a batch over its arguments, in order of index. */
export function anchorRoot(batch: readonly Uint8Array[]): Uint8Array {
  return merkleRoot(batch, PREFIXES);
}

/** The tree of a batch, for whoever proves many positions of it. */
export function anchorTree(batch: readonly Uint8Array[]): MerkleTree {
  return merkleTree(batch, PREFIXES);
}

/** Proof for one position of a batch. */
export function proveInclusion(batch: readonly Uint8Array[], position: number): InclusionProof {
  const argument = batch[position];
  if (argument === undefined) throw new RangeError('position outside the batch');
  return { argument, path: anchorTree(batch).pathOf(position) };
}

/** Tells whether the proof leads from its argument at this position to the root of a batch of `count`. */
export function verifyInclusion(
  proof: InclusionProof,
  batch: { readonly position: number; readonly count: number; readonly root: Uint8Array },
): boolean {
  return verifyMerklePath({
    content: proof.argument,
    path: proof.path,
    prefixes: PREFIXES,
    ...batch,
  });
}
