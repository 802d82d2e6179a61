// SPDX-License-Identifier: Apache-2.0
// Unified social credit codes: real and synthetic ones, every kind of damage.
import { expect } from 'chai';
import fc from 'fast-check';
import {
  computeOrganisationCheck,
  computeUsccCheck,
  formatUscc,
  isUscc,
  isUsccMistyped,
  parseUscc,
} from '../../../core/src/identifiers/uscc.ts';

const GOOD = [
  '91350100M000100Y43',
  '11100000000013127D',
  '11100000MB0143028R',
  '11100000000013338W',
  '91330100MADEMQ0390',
  '11330000MADEMQ012B',
  '11310000MADEMQ020X',
  '11430000006122244L',
  '11110000000021135M',
  '11330105002500287C',
  '11220000013544541J',
];

const CHARACTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY';

const codes = fc
  .record({
    kind: fc.constantFrom('91', '92', '93', '11', '12', '51', 'Y1', 'N2'),
    area: fc.constantFrom('999999', '100000', '330106', '440300', '650000'),
    organisation: fc.array(fc.constantFrom(...CHARACTERS), { minLength: 8, maxLength: 8 }),
  })
  .map(({ kind, area, organisation }) =>
    formatUscc({
      department: kind.charAt(0),
      category: kind.charAt(1),
      area,
      organisation: organisation.join(''),
    }),
  );

describe('core/identifiers/uscc', () => {
  it('parses real and synthetic codes', () => {
    for (const text of GOOD) {
      const { department, category, area, organisation } = parseUscc(text);
      const parts = { department, category, area, organisation: organisation.slice(0, 8) };
      expect(formatUscc(parts), text).to.equal(text);
    }
    expect(parseUscc('11100000000013127D')).to.deep.equal({
      department: '1',
      category: '1',
      area: '100000',
      organisation: '000013127',
      check: 'D',
    });
  });

  it('computes X and 0 as check characters of organisation codes', () => {
    expect(computeOrganisationCheck('D2143569')).to.equal('X');
    expect(computeOrganisationCheck('00000000')).to.equal('0');
    expect(() => computeOrganisationCheck('0000000')).to.throw(/^USCC_INVALID: /);
    expect(() => computeUsccCheck('I'.repeat(17))).to.throw(/^USCC_INVALID: /);
  });

  it('tells a mistyped check character from another wrong code', () => {
    expect(isUsccMistyped('91350100M000100Y44')).to.equal(true);
    expect(isUsccMistyped('91350100M000100Y53')).to.equal(true);
    expect(isUsccMistyped('91350100M000100Y43')).to.equal(false);
    for (const text of ['', '9135010AM000100Y43', '99350100M000100Y43', '91160100M000100Y43']) {
      expect(isUsccMistyped(text), text).to.equal(false);
    }
  });

  it('refuses other shapes, departments, categories and areas', () => {
    const bad = [
      '',
      '91350100M000100Y4',
      '91350100M000100Y433',
      '91350100m000100y43',
      '9135010IM000100Y43',
      '91350100O000100Y43',
      resealed('99350100M000100Y43'),
      resealed('94350100M000100Y43'),
      resealed('Y2350100M000100Y43'),
      resealed('B1350100M000100Y43'),
      resealed('91160100M000100Y43'),
      resealed('9135010AM000100Y43'),
      resealed('91350100M000100Y53'),
    ];
    for (const text of bad) {
      expect(() => parseUscc(text), text).to.throw(/^USCC_INVALID: /);
      expect(isUscc(text), text).to.equal(false);
    }
  });

  it('catches every substitution and every adjacent transposition', () => {
    fc.assert(
      fc.property(codes, (text) => {
        expect(isUscc(text), text).to.equal(true);
        for (let i = 0; i < 18; i += 1) {
          for (const c of CHARACTERS) {
            if (c === text.charAt(i)) continue;
            const damaged = text.slice(0, i) + c + text.slice(i + 1);
            expect(isUscc(damaged), damaged).to.equal(false);
          }
          const swapped =
            text.slice(0, i) + text.charAt(i + 1) + text.charAt(i) + text.slice(i + 2);
          if (i < 17 && swapped !== text) expect(isUscc(swapped), swapped).to.equal(false);
        }
      }),
      { numRuns: 25 },
    );
  });
});

/** The same code with a right last character, so that only the damage itself is wrong. */
function resealed(text: string): string {
  return text.slice(0, 17) + computeUsccCheck(text.slice(0, 17));
}
