// SPDX-License-Identifier: Apache-2.0
// Bytes and their texts; base45 by the examples of RFC 9285 §4.3.
import { expect } from 'chai';
import fc from 'fast-check';
import { decodeBase45, encodeBase45 } from '@zhenglian/core/base45';
import {
  concat,
  equals,
  fromBase64,
  fromHex,
  fromUtf8,
  toBase64,
  toHex,
  uintBytes,
  utf8,
} from '@zhenglian/core/bytes';
import { dayAt, formatDay, parseDay } from '@zhenglian/core/days';
import { qrVersionOf } from '@zhenglian/core/qr-size';
import { expectCode } from '../support/codes.ts';

describe('bytes', () => {
  it('come back from hex, base64 and base45', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(equals(fromHex(toHex(bytes)), bytes)).to.equal(true);
        expect(equals(fromBase64(toBase64(bytes)), bytes)).to.equal(true);
        expect(equals(decodeBase45(encodeBase45(bytes)), bytes)).to.equal(true);
        expect(toBase64(bytes)).to.equal(Buffer.from(bytes).toString('base64'));
      }),
    );
  });

  it('are joined, compared and written big endian', () => {
    expect([...concat(Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3))]).to.eql([1, 2, 3]);
    expect(equals(Uint8Array.of(1), Uint8Array.of(1, 2))).to.equal(false);
    expect(toHex(uintBytes(0x01020304, 4))).to.equal('01020304');
    expect(toHex(uintBytes(0xffff, 2))).to.equal('ffff');
  });

  it('are refused when they are no text, hex or base64', () => {
    expectCode(() => fromUtf8(Uint8Array.of(0xff)), 'CBOR_UTF8');
    for (const hex of [
      '0',
      'zz',
      '0 ',
      '0g',
      'G0',
      '0:',
      '/0',
      '0@',
      '0`',
      '0x',
      '٣٣',
      'ａ０',
      '0\u0130',
    ])
      expectCode(() => fromHex(hex), 'ENCODING_INVALID');
    for (const text of ['A', 'AA', 'AA=', '====', 'AA==AA==', 'A-==']) {
      expectCode(() => fromBase64(text), 'ENCODING_INVALID');
    }
  });
});

describe('base45', () => {
  for (const [text, encoded] of [
    ['AB', 'BB8'],
    ['Hello!!', '%69 VD92EX0'],
    ['base-45', 'UJCLQE7W581'],
    ['ietf!', 'QED8WEX0'],
  ] as const) {
    it(`writes ${text} as RFC 9285 does`, () => {
      expect(encodeBase45(utf8(text))).to.equal(encoded);
      expect(fromUtf8(decodeBase45(encoded))).to.equal(text);
    });
  }
  for (const text of ['GGX', ':::', 'A', 'ab0', ':Z']) {
    it(`refuses ${text}`, () => {
      expectCode(() => decodeBase45(text), 'QR_BASE45');
    });
  }
});

describe('days', () => {
  it('begin at midnight in Beijing', () => {
    const midnight = Date.parse('2026-06-01T00:00:00+08:00') / 1000;
    expect(formatDay(dayAt(midnight))).to.equal('2026-06-01');
    expect(formatDay(dayAt(midnight - 1))).to.equal('2026-05-31');
  });
  it('come back from their text, also before 1970', () => {
    fc.assert(
      fc.property(fc.integer({ min: -354_285, max: 2_932_896 }), (day) => {
        expect(parseDay(formatDay(day))).to.equal(day);
      }),
    );
    expect(parseDay('2026-02-29')).to.equal(undefined);
  });
});

describe('QR version', () => {
  it('follows ISO/IEC 18004 at level M', () => {
    expect(qrVersionOf('A'.repeat(20))).to.equal(1);
    expect(qrVersionOf('A'.repeat(21))).to.equal(2);
    expect(qrVersionOf('A'.repeat(419))).to.equal(12);
    expect(qrVersionOf('A'.repeat(3391))).to.equal(40);
    expect(qrVersionOf('A'.repeat(3392))).to.equal(undefined);
  });
});
