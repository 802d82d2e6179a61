// SPDX-License-Identifier: Apache-2.0
// Deterministic CBOR: what is encoded is decoded again, and nothing but the one form is read (RFC 8949 §4.2.1, Appendix A).
import { expect } from 'chai';
import { decode, encode, rfc8949EncodeOptions } from 'cborg';
import fc from 'fast-check';
import { fromHex, toHex } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import type { CborInput } from '@zhenglian/core/cbor';
import { expectCode, thrownCode } from '../support/codes.ts';

/** RFC 8949 Appendix A, the rows this product's subset has. */
const APPENDIX_A: readonly (readonly [CborInput, string])[] = [
  [0, '00'],
  [23, '17'],
  [24, '1818'],
  [100, '1864'],
  [1000, '1903e8'],
  [1_000_000, '1a000f4240'],
  [1_000_000_000_000, '1b000000e8d4a51000'],
  [18446744073709551615n, '1bffffffffffffffff'],
  [-1, '20'],
  [-100, '3863'],
  [-1000, '3903e7'],
  [false, 'f4'],
  [true, 'f5'],
  [null, 'f6'],
  [new Uint8Array(0), '40'],
  [Uint8Array.of(1, 2, 3, 4), '4401020304'],
  ['', '60'],
  ['IETF', '6449455446'],
  ['水', '63e6b0b4'],
  ['𐅑', '64f0908591'],
  [[], '80'],
  [[1, [2, 3], [4, 5]], '8301820203820405'],
  [new Map(), 'a0'],
  [
    new Map([
      [1, 2],
      [3, 4],
    ]),
    'a201020304',
  ],
  [{ a: 1, b: [2, 3] }, 'a26161016162820203'],
];

const LIMITS = { maxBytes: 64, maxDepth: 3, maxItems: 4, maxStringBytes: 8 };

function values(): fc.Arbitrary<CborInput> {
  const key = fc.oneof(fc.string({ maxLength: 8, unit: 'grapheme' }), fc.nat());
  return fc.letrec<{ value: CborInput }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<CborInput>(null, true, false),
      fc.maxSafeInteger(),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
      fc.string({ unit: 'grapheme' }),
      fc.uint8Array({ maxLength: 40 }),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((pairs) => new Map(pairs)),
    ),
  })).value;
}

describe('CBOR', () => {
  for (const [value, hex] of APPENDIX_A) {
    it(`writes and reads ${hex}`, () => {
      expect(toHex(encodeCbor(value))).to.equal(hex);
      expect(toHex(encodeCbor(decodeCbor(fromHex(hex))))).to.equal(hex);
    });
  }

  it('decodes what it encoded, and encodes that to the same bytes', () => {
    fc.assert(
      fc.property(values(), (value) => {
        const bytes = encodeCbor(value);
        expect(toHex(encodeCbor(decodeCbor(bytes)))).to.equal(toHex(bytes));
      }),
    );
  });

  it('sorts keys by their bytes and leaves undefined members out', () => {
    expect(toHex(encodeCbor({ bb: 1, a: 2, c: undefined }))).to.equal('a261610262626201');
    const mixed = new Map<string | number, number>([
      ['a', 1],
      [10, 2],
      [100, 3],
    ]);
    expect(toHex(encodeCbor(mixed))).to.equal('a30a0218640361610' + '1');
  });

  it('reads hostile bytes as a coded error or as the one form of a value', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const code = thrownCode(() => {
          expect(toHex(encodeCbor(decodeCbor(bytes)))).to.equal(toHex(bytes));
        });
        expect(code === 'nothing was thrown' || code.startsWith('CBOR_')).to.equal(true);
      }),
      { numRuns: 2000 },
    );
  });

  const refused = [
    ['CBOR_TOO_LARGE', '58' + '41' + '00'.repeat(65)],
    ['CBOR_TOO_LARGE', '8500000000' + '00'],
    ['CBOR_TOO_LARGE', '49' + '00'.repeat(9)],
    ['CBOR_TOO_DEEP', '8181818100'],
    ['CBOR_MALFORMED', '62'],
    ['CBOR_MALFORMED', '1c'],
    ['CBOR_MALFORMED', '5f4100ff'],
    ['CBOR_NOT_CANONICAL', '1817'],
    ['CBOR_NOT_CANONICAL', '1900ff'],
    ['CBOR_NOT_CANONICAL', '1b00000000ffffffff'],
    ['CBOR_NOT_CANONICAL', 'a202000100'],
    ['CBOR_NOT_CANONICAL', 'a201000100'],
    ['CBOR_TYPE', 'f97e00'],
    ['CBOR_TYPE', 'fb3ff199999999999a'],
    ['CBOR_TYPE', 'f7'],
    ['CBOR_TYPE', 'c074'],
    ['CBOR_TYPE', 'a1414101'],
    ['CBOR_TYPE', 'a18001'],
    ['CBOR_UTF8', '62c328'],
    ['CBOR_TRAILING', '0000'],
  ] as const;
  for (const [code, hex] of refused) {
    it(`refuses ${hex.slice(0, 20)} with ${code}`, () => {
      expectCode(() => decodeCbor(fromHex(hex), LIMITS), code);
    });
  }

  it('gives byte strings that are nobody else’s, of any view of bytes', () => {
    const source = Buffer.from('ff424142', 'hex').subarray(1);
    const read = decodeCbor(source);
    source.fill(0);
    expect(read).to.deep.equal(Uint8Array.of(0x41, 0x42));
  });

  it('survives nesting 100,000 deep', () => {
    expectCode(() => decodeCbor(new Uint8Array(100_000).fill(0x81)), 'CBOR_TOO_DEEP');
  });

  it('writes and reads as a library of others does', () => {
    fc.assert(
      fc.property(values(), (value) => {
        const ours = encodeCbor(value);
        expect(toHex(ours)).to.equal(toHex(encode(value, rfc8949EncodeOptions)));
        const theirs: unknown = decode(ours, { useMaps: true });
        expect(decodeCbor(ours)).to.deep.equal(theirs);
      }),
      { numRuns: 2000 },
    );
  });

  it('orders keys of every kind and length by their bytes', () => {
    const key = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.maxSafeInteger());
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 20 }), (keys) => {
        const encoded = encodeCbor(new Map(keys.map((each) => [each, null])));
        expect(decodeCbor(encoded)).to.have.property('size', keys.length);
        expect(toHex(encoded)).to.equal(
          toHex(encode(new Map(keys.map((each) => [each, null])), rfc8949EncodeOptions)),
        );
      }),
    );
  });

  it('refuses to write a float', () => {
    expectCode(() => encodeCbor(1.5), 'CBOR_TYPE');
  });

  it('writes nothing that it would not read', () => {
    const list = (depth: number): CborInput => (depth === 0 ? [] : [list(depth - 1)]);
    expect(encodeCbor(list(15))).to.have.length(16);
    expectCode(() => encodeCbor(list(16)), 'CBOR_TOO_DEEP');
    expectCode(() => encodeCbor('x'.repeat((8 << 20) + 1)), 'CBOR_TOO_LARGE');
    expectCode(() => encodeCbor(new Array<null>((1 << 20) + 1).fill(null)), 'CBOR_TOO_LARGE');
    const part = new Uint8Array(8 << 20);
    expectCode(() => encodeCbor([part, part, part, part]), 'CBOR_TOO_LARGE');
    expectCode(() => encodeCbor(2n ** 64n), 'CBOR_TYPE');
    expectCode(() => encodeCbor(-(2n ** 64n) - 1n), 'CBOR_TYPE');
    expectCode(() => encodeCbor(2 ** 53), 'CBOR_TYPE');
    expectCode(() => encodeCbor([undefined] as unknown as CborInput), 'CBOR_TYPE');
  });

  it('leaves nothing of one encoding in the next, also after one that failed', () => {
    const long = 'Z'.repeat(5000);
    encodeCbor([long]);
    expectCode(() => encodeCbor([long, 1.5]), 'CBOR_TYPE');
    expect(toHex(encodeCbor([1]))).to.equal('8101');
  });
});
