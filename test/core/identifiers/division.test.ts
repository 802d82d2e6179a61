// SPDX-License-Identifier: Apache-2.0
// Division codes: the provinces of GB/T 2260, levels and containment.
import { expect } from 'chai';
import fc from 'fast-check';
import { isCodedError } from '../../../core/src/errors.ts';
import {
  isDivision,
  isTestArea,
  isWithinDivision,
  parseDivision,
  provinceOf,
  PROVINCES,
} from '../../../core/src/identifiers/division.ts';

describe('core/identifiers/division', () => {
  it('knows the 34 provinces, once each and in order', () => {
    expect(PROVINCES).to.have.length(34);
    const codes = PROVINCES.map((p) => p.code);
    expect([...new Set(codes)].sort()).to.deep.equal(codes);
    expect(new Set(PROVINCES.map((p) => p.zh)).size).to.equal(34);
    expect(new Set(PROVINCES.map((p) => p.en)).size).to.equal(34);
    expect(provinceOf('440300')?.zh).to.equal('广东省');
    expect(provinceOf('33')?.en).to.equal('Zhejiang');
    expect(provinceOf('990000')).to.equal(undefined);
  });

  it('parses province, prefecture and county', () => {
    expect(parseDivision('440000').level).to.equal('province');
    expect(parseDivision('440300').level).to.equal('prefecture');
    const county = parseDivision('330106');
    expect(county.level).to.equal('county');
    expect(county.province.zh).to.equal('浙江省');
  });

  it('refuses other shapes, unknown provinces and counties of no prefecture', () => {
    for (const text of [
      '',
      '44',
      '44030',
      '4403000',
      '44030A',
      ' 440300',
      '999999',
      '100000',
      '440001',
      '160000',
    ]) {
      expect(() => parseDivision(text), text).to.throw(/^DIVISION_INVALID: /);
      expect(isDivision(text), text).to.equal(false);
    }
  });

  it('parses exactly what isDivision admits', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{6}$/), (text) => {
        let parsed = true;
        try {
          parseDivision(text);
        } catch (error) {
          expect(isCodedError(error, 'DIVISION_INVALID')).to.equal(true);
          parsed = false;
        }
        expect(isDivision(text)).to.equal(parsed);
      }),
    );
  });

  it('tells whether one lies in another', () => {
    expect(isWithinDivision('330106', '330100')).to.equal(true);
    expect(isWithinDivision('330106', '330000')).to.equal(true);
    expect(isWithinDivision('330106', '330106')).to.equal(true);
    expect(isWithinDivision('330100', '330106')).to.equal(false);
    expect(isWithinDivision('330206', '330100')).to.equal(false);
    expect(isWithinDivision('440300', '330000')).to.equal(false);
    expect(isWithinDivision('440300', '')).to.equal(false);
    expect(isWithinDivision('999999', '990000')).to.equal(false);
  });

  it('knows the area of test identities', () => {
    expect(isTestArea('999999')).to.equal(true);
    expect(isTestArea('440300')).to.equal(false);
  });
});
