// SPDX-License-Identifier: Apache-2.0
// The salted field tree: any disclosure rebuilds the same root, and shows nothing of what is closed.
import { expect } from 'chai';
import fc from 'fast-check';
import { sm3 } from '@zhenglian/guomi';
import { concat, toHex, uintBytes } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import {
  decodeMask,
  discloseFields,
  encodeMask,
  fieldRoot,
  fieldRoots,
  rebuildFieldRoot,
  rebuildFieldRoots,
} from '@zhenglian/core/field-tree';
import type { CopyPosition } from '@zhenglian/core/field-tree';
import type { SlotTree } from '@zhenglian/core/types/definition';
import { treeLeaves } from '@zhenglian/core/types/definition';
import { DRIVING } from '@zhenglian/core/types/driving';
import { expectCode } from '../support/codes.ts';

const position = { kid: new Uint8Array(8).fill(7), epoch: 3, index: 65_535 };

/** A random tree of 1 to 32 leaves, values and open leaves. */
function trees() {
  let name = 0;
  const leaf = fc.constant(0).map((): SlotTree => `slot${String((name += 1))}`);
  const { tree } = fc.letrec<{ tree: SlotTree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      leaf,
      fc.tuple(tie('tree'), tie('tree')).map(([a, b]): SlotTree => [a, b]),
    ),
  }));
  return tree
    .filter((t) => treeLeaves(t).length <= 32)
    .chain((t) => {
      const count = treeLeaves(t).length;
      return fc.record({
        tree: fc.constant(t),
        values: fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), {
          minLength: count,
          maxLength: count,
        }),
        open: fc
          .uniqueArray(fc.nat({ max: count - 1 }), { minLength: 1, maxLength: count })
          .map((leaves) => new Set(leaves)),
        seed: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      });
    });
}

describe('field tree', () => {
  it('is rebuilt from every disclosure', () => {
    fc.assert(
      fc.property(trees(), ({ tree, values, open, seed }) => {
        const proof = discloseFields({ tree, values, seed, position }, open);
        const shown = values.filter((_, i) => open.has(i));
        const rebuilt = rebuildFieldRoot({ tree, open, values: shown, proof, position });
        expect(toHex(rebuilt)).to.equal(toHex(fieldRoot({ tree, values, seed, position })));
        const leaves = treeLeaves(tree).length;
        expect([...decodeMask(encodeMask(open), leaves)].sort()).to.eql([...open].sort());
      }),
    );
  });

  it('has the root that hashing node by node gives, one at a time and many types at once', () => {
    fc.assert(
      fc.property(fc.array(trees(), { minLength: 1, maxLength: 5 }), (made) => {
        const copies = made
          .flatMap((each) => [each, { ...each, values: each.values.toReversed() }])
          .map((each, i) => ({ ...each, position: { ...position, index: i } }));
        const expected = copies.map((copy) => toHex(rootByNode(copy.tree, copy, copy.seed, 1)));
        expect(fieldRoots(copies).map(toHex)).to.eql(expected);
        expect(copies.map((copy) => toHex(fieldRoot(copy)))).to.eql(expected);
        const disclosures = copies.map((copy) => {
          const { tree, values, open } = copy;
          const proof = discloseFields(copy, open);
          const shown = values.filter((_, i) => open.has(i));
          return { tree, open, values: shown, proof, position: copy.position };
        });
        const short = disclosures.map((each) => ({ ...each, proof: each.proof.slice(1) }));
        const rebuilt = rebuildFieldRoots(
          disclosures.flatMap((each, i) => [each, short[i] ?? each]),
        );
        for (const [i, root] of rebuilt.entries()) {
          if (i % 2 === 0)
            expect(root instanceof Uint8Array && toHex(root)).to.equal(expected[i / 2]);
          else expect(root).to.have.property('code', 'WIRE_PROOF');
        }
      }),
      { numRuns: 40 },
    );
  });

  it('has another root for every other value, seed, key, epoch, index or place', () => {
    const base = { tree: [['a', 'b'], 'c'] as SlotTree, values: ['x', 'y', null], position };
    const seed = new Uint8Array(16).fill(1);
    const twins = [
      { ...base, seed },
      { ...base, seed: new Uint8Array(16) },
      { ...base, seed, values: ['x', 'y', 'z'] },
      { ...base, seed, values: ['y', 'x', null] },
      { ...base, seed, tree: ['a', ['b', 'c']] as SlotTree },
      { ...base, seed, position: { ...position, index: 1 } },
      { ...base, seed, position: { ...position, epoch: 1 } },
      { ...base, seed, position: { ...position, kid: new Uint8Array(8) } },
    ];
    expect(new Set(twins.map((t) => toHex(fieldRoot(t)))).size).to.equal(twins.length);
  });

  it('computes what the page says, step by step', () => {
    const seed = new Uint8Array(16).fill(1);
    const both = sm3.hash(
      concat(
        Uint8Array.of(2),
        seed,
        position.kid,
        uintBytes(3, 4),
        uintBytes(65_535, 2),
        uintBytes(1, 4),
      ),
    );
    const leaf = (salt: Uint8Array, value: string) =>
      sm3.hash(concat(Uint8Array.of(0), salt, encodeCbor(value)));
    const root = sm3.hash(
      concat(Uint8Array.of(1), leaf(both.slice(0, 16), 'x'), leaf(both.slice(16), 'y')),
    );
    const values = ['x', 'y'];
    expect(toHex(fieldRoot({ tree: ['a', 'b'], values, seed, position }))).to.equal(toHex(root));
    const closed = leaf(both.slice(16), 'y');
    expect(
      toHex(discloseFields({ tree: ['a', 'b'], values, seed, position }, new Set([0]))),
    ).to.equal(toHex(concat(both.slice(0, 16), closed)));
  });

  it('opens eight of fourteen fields of a driving licence with 48 bytes', () => {
    const leaves = treeLeaves(DRIVING.tree);
    const roadside = DRIVING.sets.find((s) => s.name === 'roadside')?.slots ?? [];
    const open = new Set(roadside.map((name) => leaves.indexOf(name)));
    const values = leaves.map(() => null);
    const seed = new Uint8Array(16);
    expect(open.size).to.equal(8);
    expect(discloseFields({ tree: DRIVING.tree, values, seed, position }, open)).to.have.length(48);
  });

  it('refuses masks and proofs that do not fit', () => {
    for (const mask of [0, 4, -1, 1.5]) expectCode(() => decodeMask(mask, 2), 'WIRE_MASK');
    for (const length of [0, 15, 17, 47, 49]) {
      const fields = {
        tree: ['a', 'b'] as SlotTree,
        open: new Set([0]),
        values: ['x'],
        proof: new Uint8Array(length),
        position,
      };
      expectCode(() => rebuildFieldRoot(fields), 'WIRE_PROOF');
    }
  });
});

/** The page's formulas (docs/credential-format.md §3), one hash after the other. */
function rootByNode(
  tree: SlotTree,
  of: { readonly values: readonly (string | number | null)[]; readonly position: CopyPosition },
  seed: Uint8Array,
  number: number,
  firstLeaf = 0,
): Uint8Array {
  if (typeof tree === 'string') {
    return sm3.hash(concat(Uint8Array.of(0), seed, encodeCbor(of.values[firstLeaf] ?? null)));
  }
  const { kid, epoch, index } = of.position;
  const place = concat(kid, uintBytes(epoch, 4), uintBytes(index, 2), uintBytes(number, 4));
  const both = sm3.hash(concat(Uint8Array.of(2), seed, place));
  const middle = firstLeaf + treeLeaves(tree[0]).length;
  const left = rootByNode(tree[0], of, both.slice(0, 16), 2 * number, firstLeaf);
  const right = rootByNode(tree[1], of, both.slice(16), 2 * number + 1, middle);
  return sm3.hash(concat(Uint8Array.of(1), left, right));
}
