// SPDX-License-Identifier: Apache-2.0
// Citizen numbers: the examples of GB 11643, every kind of damage, packing.
import { expect } from 'chai';
import fc from 'fast-check';
import {
  ageOn,
  computeCitizenIdCheck,
  decodeCitizenId,
  encodeCitizenId,
  formatCitizenId,
  isCitizenId,
  maskCitizenId,
  parseCitizenId,
} from '../../../core/src/identifiers/citizen-id.ts';
import { dateOfDays, daysOfDate } from '../../../core/src/identifiers/calendar-date.ts';
import { PROVINCES, isTestArea } from '../../../core/src/identifiers/division.ts';

const GOOD = ['11010519491231002X', '440524188001010014', '999999199003070012'];

const ids = fc
  .record({
    province: fc.constantFrom(...PROVINCES.map((p) => p.code), '83'),
    rest: fc.integer({ min: 0, max: 9999 }),
    days: fc.integer({ min: -50_000, max: 20_000 }),
    sequence: fc.integer({ min: 0, max: 999 }),
  })
  .map(({ province, rest, days, sequence }) =>
    formatCitizenId({
      area: province + String(rest).padStart(4, '0'),
      birthDate: dateOfDays(days),
      sequence,
    }),
  );

describe('core/identifiers/citizen-id', () => {
  it('parses the examples of the standard', () => {
    expect(parseCitizenId('11010519491231002X')).to.deep.equal({
      area: '110105',
      birthDate: { year: 1949, month: 12, day: 31 },
      sequence: 2,
      sex: 2,
      check: 'X',
    });
    expect(parseCitizenId('440524188001010014').sex).to.equal(1);
    expect(isTestArea(parseCitizenId('999999199003070012').area)).to.equal(true);
  });

  it('refuses other shapes, areas and dates', () => {
    const bad = [
      '',
      '11010519491231002x',
      '110105194912310021',
      ' 1010519491231002X',
      '11010519491231002X ',
      '11010519491231002',
      '１1010519491231002X',
      withCheck('16010519491231002'),
      withCheck('99999819900307001'),
      withCheck('91010519491231002'),
      withCheck('11010519491301002'),
      withCheck('11010519490229002'),
    ];
    for (const text of bad) {
      expect(() => parseCitizenId(text), text).to.throw(/^CITIZEN_ID_INVALID: /);
      expect(isCitizenId(text), text).to.equal(false);
    }
  });

  it('refuses a birth date after today, where today is known', () => {
    const born = daysOfDate({ year: 1990, month: 3, day: 7 });
    expect(isCitizenId('999999199003070012', { today: born })).to.equal(true);
    expect(isCitizenId('999999199003070012', { today: born - 1 })).to.equal(false);
  });

  it('admits other prefixes where the caller says so', () => {
    const text = withCheck('91010519491231002');
    expect(isCitizenId(text, { prefixes: new Set(['91']) })).to.equal(true);
    expect(isCitizenId('11010519491231002X', { prefixes: new Set(['91']) })).to.equal(false);
  });

  it('formats what it parses, and packs it into its first 17 digits', () => {
    for (const text of GOOD) {
      expect(formatCitizenId(parseCitizenId(text))).to.equal(text);
      expect(encodeCitizenId(text)).to.equal(BigInt(text.slice(0, 17)));
    }
    fc.assert(
      fc.property(ids, (text) => {
        expect(formatCitizenId(parseCitizenId(text))).to.equal(text);
        expect(decodeCitizenId(encodeCitizenId(text))).to.equal(text);
      }),
    );
  });

  it('catches every substitution and every adjacent transposition', () => {
    fc.assert(
      fc.property(ids, (text) => {
        for (const damaged of [...substitutions(text, '0123456789X'), ...transpositions(text)]) {
          expect(isCitizenId(damaged), damaged).to.equal(false);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('unpacks no integer that is not the body of a number', () => {
    for (const packed of [-1n, 0n, 10n ** 17n, 16010519491231002n, 1.5, 2 ** 60, Number.NaN]) {
      expect(() => decodeCitizenId(packed), String(packed)).to.throw(/^CITIZEN_ID_INVALID: /);
    }
    expect(() => encodeCitizenId('110105194912310021')).to.throw(/^CITIZEN_ID_INVALID: /);
    expect(() => computeCitizenIdCheck('1101051949123100X')).to.throw(/^CITIZEN_ID_INVALID: /);
    expect(() =>
      formatCitizenId({ area: '110105', birthDate: dateOfDays(0), sequence: 1000 }),
    ).to.throw(/^CITIZEN_ID_INVALID: /);
  });

  it('masks birth date and sequence', () => {
    expect(maskCitizenId('11010519491231002X')).to.equal('110***********002X');
    expect(maskCitizenId('123')).to.equal('*'.repeat(18));
  });

  it('counts age from birthday to birthday', () => {
    const born = { year: 2000, month: 2, day: 29 };
    expect(ageOn(born, daysOfDate({ year: 2018, month: 2, day: 28 }))).to.equal(17);
    expect(ageOn(born, daysOfDate({ year: 2018, month: 3, day: 1 }))).to.equal(18);
    expect(ageOn(born, daysOfDate({ year: 2020, month: 2, day: 29 }))).to.equal(20);
  });
});

function withCheck(body: string): string {
  return body + computeCitizenIdCheck(body);
}

function substitutions(text: string, characters: string): string[] {
  return [...text].flatMap((old, i) =>
    [...characters].filter((c) => c !== old).map((c) => text.slice(0, i) + c + text.slice(i + 1)),
  );
}

function transpositions(text: string): string[] {
  return [...text.slice(1)].flatMap((next, i) => {
    const here = text.charAt(i);
    return here === next ? [] : [text.slice(0, i) + next + here + text.slice(i + 2)];
  });
}
