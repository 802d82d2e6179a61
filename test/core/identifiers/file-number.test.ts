// SPDX-License-Identifier: Apache-2.0
// File numbers of driving licences: shape, area, packing.
import { expect } from 'chai';
import fc from 'fast-check';
import {
  decodeFileNumber,
  encodeFileNumber,
  formatFileNumber,
  isFileNumber,
  parseFileNumber,
} from '../../../core/src/identifiers/file-number.ts';

describe('core/identifiers/file-number', () => {
  it('parses area and serial', () => {
    expect(parseFileNumber('330100012345')).to.deep.equal({ area: '3301', serial: '00012345' });
    expect(isFileNumber('999900000001')).to.equal(true);
  });

  it('refuses other shapes and areas', () => {
    for (const text of [
      '',
      '33010001234',
      '3301000123456',
      '33010001234X',
      '160100012345',
      '999800000001',
    ]) {
      expect(() => parseFileNumber(text), text).to.throw(/^FILE_NUMBER_INVALID: /);
      expect(() => encodeFileNumber(text), text).to.throw(/^FILE_NUMBER_INVALID: /);
      expect(isFileNumber(text), text).to.equal(false);
    }
    expect(() => formatFileNumber({ area: '33', serial: '0100012345' })).to.throw(
      /^FILE_NUMBER_INVALID: /,
    );
  });

  it('packs into twelve digits and back', () => {
    const serials = fc.integer({ min: 0, max: 99_999_999 });
    fc.assert(
      fc.property(fc.constantFrom('1101', '4403', '6501', '9999'), serials, (area, serial) => {
        const text = formatFileNumber({ area, serial: String(serial).padStart(8, '0') });
        expect(decodeFileNumber(encodeFileNumber(text))).to.equal(text);
        expect(decodeFileNumber(BigInt(text))).to.equal(text);
      }),
    );
  });

  it('unpacks no integer that is not a file number', () => {
    for (const packed of [-1, 0, 1.5, 10 ** 12, 160_100_012_345, Number.NaN, -1n]) {
      expect(() => decodeFileNumber(packed), String(packed)).to.throw(/^FILE_NUMBER_INVALID: /);
    }
  });
});
