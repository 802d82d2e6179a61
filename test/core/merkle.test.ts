// SPDX-License-Identifier: Apache-2.0
// Trees against RFC 6962 §2.1 written down as the RFC has it: split at the largest power of two below the size.
import { expect } from 'chai';
import fc from 'fast-check';
import { concat } from '@zhenglian/core/bytes';
import { merkleRoot, merkleTree, verifyMerklePath } from '@zhenglian/core/merkle';
import { sm3 } from '@zhenglian/guomi';

const PREFIXES = { leaf: 0x20, node: 0x21 };

describe('core: Merkle trees', () => {
  const split = (size: number) => 2 ** Math.floor(Math.log2(size - 1));
  const root = (contents: readonly Uint8Array[]): Uint8Array => {
    const [only = new Uint8Array(0)] = contents;
    if (contents.length === 1) return sm3.hash(concat(Uint8Array.of(PREFIXES.leaf), only));
    const at = split(contents.length);
    const halves = [contents.slice(0, at), contents.slice(at)].map(root);
    return sm3.hash(concat(Uint8Array.of(PREFIXES.node), ...halves));
  };
  const path = (contents: readonly Uint8Array[], position: number): readonly Uint8Array[] => {
    if (contents.length === 1) return [];
    const at = split(contents.length);
    const [left, right] = [contents.slice(0, at), contents.slice(at)];
    return position < at
      ? [...path(left, position), root(right)]
      : [...path(right, position - at), root(left)];
  };

  it('have the roots and paths of the RFC, over contents of one length and of several', () => {
    const contents = fc.oneof(
      fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { minLength: 1, maxLength: 40 }),
      fc.array(fc.uint8Array({ maxLength: 80 }), { minLength: 1, maxLength: 40 }),
    );
    fc.assert(
      fc.property(contents, fc.nat(), (all, n) => {
        const position = n % all.length;
        const content = all[position] ?? new Uint8Array(0);
        const tree = merkleTree(all, PREFIXES);
        expect(merkleRoot(all, PREFIXES)).to.deep.equal(root(all));
        expect(tree.root).to.deep.equal(root(all));
        expect(tree.pathOf(position)).to.deep.equal(path(all, position));
        const proof = { content, position, count: all.length, prefixes: PREFIXES };
        const whole = { ...proof, path: tree.pathOf(position), root: tree.root };
        expect(verifyMerklePath(whole)).to.equal(true);
      }),
    );
  });

  it('tell their levels, and are of something', () => {
    const all = Array.from({ length: 5 }, (_, i) => new Uint8Array(32).fill(i));
    expect(merkleTree(all, PREFIXES).levels.map(({ length }) => length / 32)).to.deep.equal([
      5, 3, 2, 1,
    ]);
    expect(() => merkleTree([], PREFIXES)).to.throw('at least one leaf');
    expect(() => merkleRoot([], PREFIXES)).to.throw('at least one leaf');
  });
});
