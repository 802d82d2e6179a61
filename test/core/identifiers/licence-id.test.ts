// SPDX-License-Identifier: Apache-2.0
// Licence identifiers: worked examples of GB/T 36904, a published wrong one, two known bugs of others.
import { expect } from 'chai';
import fc from 'fast-check';
import {
  computeLicenceIdCheck,
  formatLicenceId,
  isLicenceId,
  LICENCE_ID_ROOT,
  parseLicenceId,
} from '../../../core/src/identifiers/licence-id.ts';

const GOOD = [
  '11100000000013338W011.11430000006122244L.20230000403.001.U',
  '11100000000013338W011.11430000006122244L.20230000403.002.S',
  '11100000000013338W011.11110000000021135M.20230329701.003.Y',
  '11100000000013338W009.11330105002500287C.2025052201.002.0',
  '11100000000013338W032.11220000013544541J.2430599.001.F',
  '11100000000013127D001.11330000MADEMQ012B.2025000000000001.001.4',
  '11100000000013127D001.11330000MADEMQ012B.2025000000000001.002.2',
  '11100000MB0143028R001.11310000MADEMQ020X.2025000000000002.001.U',
];
const HEFEI = '11100000MB03271699022.340100.000000016.001.9';
const WRONG = '11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001.M';
const CHARACTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

const parts = fc.record({
  typeCode: fc.constantFrom('11100000000013127D001', '11100000MB0143028R001'),
  issuer: fc.constantFrom('11330000MADEMQ012B', '11310000MADEMQ020X'),
  serial: fc
    .array(fc.constantFrom(...CHARACTERS), { minLength: 1, maxLength: 64 })
    .map((characters) => characters.join('')),
  version: fc.integer({ min: 1, max: 999 }),
});

describe('core/identifiers/licence-id', () => {
  it('parses the worked examples', () => {
    for (const text of GOOD) {
      const parsed = parseLicenceId(`${LICENCE_ID_ROOT}.${text}`);
      expect(formatLicenceId(parsed)).to.equal(`${LICENCE_ID_ROOT}.${text}`);
    }
    expect(parseLicenceId(`${LICENCE_ID_ROOT}.${GOOD[5]}`)).to.deep.equal({
      typeCode: '11100000000013127D001',
      issuer: '11330000MADEMQ012B',
      serial: '2025000000000001',
      version: 1,
      check: '4',
    });
  });

  it('computes the published vector of MOD 37,36, letters counting from ten', () => {
    expect(computeLicenceIdCheck('A12425GABC1234002')).to.equal('M');
  });

  it('wraps 36 to 0, where others overflow', () => {
    const reached = new Set<string>();
    for (const first of CHARACTERS) {
      for (const second of CHARACTERS) reached.add(computeLicenceIdCheck(first + second));
    }
    expect([...reached].sort().join('')).to.equal(CHARACTERS);
  });

  it('refuses a published sample with a wrong check character, and takes it mended', () => {
    const read = (text: string) => parseLicenceId(text, { lenient: true });
    expect(() => read(WRONG)).to.throw(/^LICENCE_ID_INVALID: wrong check/);
    expect(read(WRONG.replace(/M$/, 'D')).check).to.equal('D');
  });

  it('reads an issuer given as division, and a missing root, only leniently', () => {
    expect(parseLicenceId(HEFEI, { lenient: true }).issuer).to.equal('340100');
    expect(parseLicenceId(`${LICENCE_ID_ROOT}.${HEFEI}`, { lenient: true }).check).to.equal('9');
    expect(() => parseLicenceId(`${LICENCE_ID_ROOT}.${HEFEI}`)).to.throw(/^LICENCE_ID_INVALID: /);
    expect(() => parseLicenceId(GOOD[0] ?? '')).to.throw(/^LICENCE_ID_INVALID: /);
    const nowhere = '11100000MB03271699022160100000000016001';
    const text = `11100000MB03271699022.160100.000000016.001.${computeLicenceIdCheck(nowhere)}`;
    expect(() => parseLicenceId(text, { lenient: true })).to.throw(/no such division/);
  });

  it('refuses other shapes and codes that name no authority', () => {
    const good = `${LICENCE_ID_ROOT}.${GOOD[5]}`;
    const bad = [
      '',
      `${good}.`,
      good.toLowerCase(),
      good.replace('1.2.156.3005.2', '1.2.156.3005.3'),
      good.replace('.2025000000000001.', '..'),
      good.replace('.2025000000000001.', `.${'1'.repeat(65)}.`),
      good.replace('.001.', '.1.'),
    ];
    for (const text of bad) {
      expect(() => parseLicenceId(text), text).to.throw(/^LICENCE_ID_INVALID: /);
      expect(isLicenceId(text), text).to.equal(false);
    }
    const valid = { typeCode: '11100000000013127D001', issuer: '11330000MADEMQ012B' };
    for (const wrong of [
      { ...valid, typeCode: '11100000000013127E001', serial: '1', version: 1 },
      { ...valid, issuer: '11330000MADEMQ012C', serial: '1', version: 1 },
      { ...valid, serial: '1', version: 0 },
      { ...valid, serial: '1', version: 1000 },
      { ...valid, serial: 'a', version: 1 },
      { ...valid, serial: '', version: 1 },
    ]) {
      expect(() => formatLicenceId(wrong)).to.throw(/^LICENCE_ID_INVALID: /);
    }
  });

  it('formats what it parses, and catches every substitution', () => {
    fc.assert(
      fc.property(parts, fc.nat(), (given, place) => {
        const text = formatLicenceId(given);
        const { check, ...back } = parseLicenceId(text);
        expect(back).to.deep.equal(given);
        const body = given.typeCode + given.issuer + given.serial;
        const at = place % body.length;
        for (const c of CHARACTERS) {
          if (c === body.charAt(at)) continue;
          const damaged = body.slice(0, at) + c + body.slice(at + 1);
          const version = String(given.version).padStart(3, '0');
          expect(computeLicenceIdCheck(damaged + version)).to.not.equal(check);
        }
      }),
    );
  });
});
