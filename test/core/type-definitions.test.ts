// SPDX-License-Identifier: Apache-2.0
// Type definitions are data from the ledger: each rule of docs/credential-format.md §6 has a malformed twin.
import { expect } from 'chai';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import type { CborInput } from '@zhenglian/core/cbor';
import { asCbor } from '@zhenglian/core/shape';
import { BUSINESS } from '@zhenglian/core/types/business';
import { parseTypeDefinition, treeLeaves } from '@zhenglian/core/types/definition';
import { DRIVING } from '@zhenglian/core/types/driving';
import { RESIDENT_ID } from '@zhenglian/core/types/resident-id';
import { expectCode } from '../support/codes.ts';

const TYPES = [RESIDENT_ID, BUSINESS, DRIVING];

function twin(change: Record<string, CborInput>): () => unknown {
  const changed = { ...(asCbor(DRIVING) as Record<string, CborInput>), ...change };
  return () => parseTypeDefinition(decodeCbor(encodeCbor(changed)));
}

describe('type definitions', () => {
  for (const type of TYPES) {
    it(`carry ${type.code} over the ledger unchanged`, () => {
      expect(parseTypeDefinition(decodeCbor(encodeCbor(asCbor(type))))).to.eql(type);
    });

    it(`label every slot, set and value of ${type.code} in both languages`, () => {
      const labels = [
        type.label,
        ...type.slots.flatMap((s) => [s.label, ...(s.values?.values() ?? [])]),
        ...type.sets.map((s) => s.label),
      ];
      for (const { zh, en } of labels) {
        expect(zh).to.match(/\p{Script=Han}/u);
        expect(en).to.match(/^[\x20-\x7e]+$/);
      }
    });

    it(`close photo and long text of ${type.code} in every set`, () => {
      const digests = type.slots.filter((s) => s.kind === 'digest').map((s) => s.name);
      expect(digests).not.to.eql([]);
      for (const { slots } of type.sets) expect(slots).not.to.include.members(digests);
    });
  }

  it('have numbers and identifier codes of their own', () => {
    expect(new Set(TYPES.map((t) => t.number)).size).to.equal(3);
    expect(new Set(TYPES.map((t) => t.identifierCode)).size).to.equal(3);
  });

  let deep: CborInput = 'photo';
  for (let i = 0; i < 13; i++) deep = [deep, `s${String(i)}`];
  const slots = asCbor(DRIVING.slots) as readonly CborInput[];
  const refused: readonly (readonly [string, Record<string, CborInput>])[] = [
    ['no number', { number: 0 }],
    ['a version over 999', { version: 1000 }],
    ['a short identifier code', { identifierCode: '11100000000013127D' }],
    ['a code in capitals', { code: 'Driving' }],
    ['an unknown member', { colour: 'red' }],
    ['an unknown holder', { holder: 'ship' }],
    ['a tree of three', { tree: ['a', 'b', 'c'] }],
    ['a tree without a slot', { tree: ['name', 'sex'] }],
    ['a slot twice in the tree', { tree: [asCbor(DRIVING.tree), 'name'] }],
    ['a tree too deep', { tree: deep }],
    ['a slot twice', { slots: [...slots, ...slots.slice(0, 1)] }],
    ['no serial', { slots: slots.filter((_, i) => DRIVING.slots[i]?.kind !== 'serial') }],
    [
      'a set of an unknown slot',
      { sets: [{ name: 'x', label: { zh: '', en: '' }, slots: ['no'] }] },
    ],
    ['an empty set', { sets: [{ name: 'x', label: { zh: '', en: '' }, slots: [] }] }],
    ['an unknown rule', { constraints: [{ rule: 'eval', slot: 'name', from: 'name' }] }],
    ['a subject that is no slot', { subject: 'soul' }],
    ['a document of eleven years', { documentDays: 4015 }],
  ];
  for (const [name, change] of refused) {
    it(`are refused with ${name}`, () => {
      expectCode(twin(change), 'TYPE_INVALID');
    });
  }

  it('name their leaves in tree order', () => {
    expect(treeLeaves([['a', 'b'], 'c'])).to.eql(['a', 'b', 'c']);
  });
});
