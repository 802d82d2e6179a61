// SPDX-License-Identifier: Apache-2.0
// The rows of a batch give the proofs that its whole tree gives, wherever a batch ends.
import { expect } from 'chai';
import fc from 'fast-check';
import { anchorRoot, proveInclusion, verifyInclusion } from '@zhenglian/core/anchor';
import { concat } from '@zhenglian/core/bytes';
import { sm3 } from '@zhenglian/guomi';
import { batchTreeRows, leavesRowOf, openRow } from '../../../gateway/src/replica/batch-tree.ts';

const LEAVES = Array.from({ length: 4200 }, (_, i) => sm3.hash(Uint8Array.of(i >> 8, i & 255)));

describe('gateway: the tree of a batch in rows', () => {
  const proofOf = (count: number, position: number) => {
    const { leaves, nodes } = batchTreeRows(concat(...LEAVES.slice(0, count)));
    const row = leaves[leavesRowOf(position)];
    return row && openRow(row, nodes, count)(position);
  };
  const expectProof = (count: number, position: number) => {
    const batch = LEAVES.slice(0, count);
    const proof = proofOf(count, position);
    expect(proof, `${String(position)} of ${String(count)}`).to.deep.equal(
      proveInclusion(batch, position),
    );
    const root = anchorRoot(batch);
    expect(proof && verifyInclusion(proof, { position, count, root })).to.equal(true);
  };

  it('proves the first, the last and those beside each end of a row', () => {
    for (const count of [1, 2, 3, 63, 64, 65, 127, 128, 129, 192, 193, 1000, 4096, 4097, 4200]) {
      const ends = [0, 1, 62, 63, 64, 65, 127, 128, count - 2, count - 1];
      for (const position of ends)
        if (position >= 0 && position < count) expectProof(count, position);
    }
  });

  it('proves any position of any batch', () => {
    const batches = fc
      .integer({ min: 1, max: 700 })
      .chain((count) => fc.tuple(fc.constant(count), fc.nat(count - 1)));
    fc.assert(fc.property(batches, ([count, position]) => expectProof(count, position)));
  });

  it('proves nothing outside the batch', () => {
    expect(proofOf(65, 65)).to.equal(undefined);
    expect(proofOf(64, 64)).to.equal(undefined);
    expect(proofOf(10, 4000)).to.equal(undefined);
  });

  it('keeps the hashes above 64 leaves, so a sixteenth of what it keeps of leaves or less', () => {
    const { leaves, nodes } = batchTreeRows(concat(...LEAVES.slice(0, 4096)));
    expect(leaves.map((row) => row.length)).to.deep.equal(leaves.map(() => 2048));
    expect(nodes.length).to.equal(32 * (64 + 32 + 16 + 8 + 4 + 2 + 1));
    expect(batchTreeRows(concat(...LEAVES.slice(0, 64))).nodes).to.have.length(0);
  });
});
