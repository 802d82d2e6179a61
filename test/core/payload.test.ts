// SPDX-License-Identifier: Apache-2.0
// The COSE_Sign1 of a copy, its malformed twins, and keys that are none (docs/credential-format.md §2).
import { sm2 } from '@zhenglian/guomi';
import { expect } from 'chai';
import { concat } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import type { CborInput } from '@zhenglian/core/cbor';
import { isCodedError } from '@zhenglian/core/errors';
import { decodeCoseSign1, encodeCoseSign1, encodePayload } from '@zhenglian/core/payload';
import { compressKey, keyId, protectedHeader } from '@zhenglian/core/signing';

const KID = new Uint8Array(8).fill(3);
const SIGNATURE = new Uint8Array(64).fill(5);
const PAYLOAD = {
  typeNumber: 3,
  typeVersion: 1,
  epoch: 7,
  index: 65_535,
  firstDay: 20_000,
  lastDay: 20_365,
  holderKey: null,
  fieldRoot: new Uint8Array(32).fill(9),
  extensions: new Map(),
};
const GOOD = encodePayload(PAYLOAD);
const NO_HEADERS = new Map<number, number>();

describe('COSE_Sign1 of a copy', () => {
  it('comes back as it was', () => {
    const decoded = decodeCoseSign1(encodeCoseSign1(KID, GOOD, SIGNATURE));
    expect(decoded.payload).to.deep.equal(PAYLOAD);
    expect(decoded.kid).to.deep.equal(KID);
    expect(decoded.signature).to.deep.equal(SIGNATURE);
  });

  const header = protectedHeader(KID);
  const twins: readonly (readonly [string, Uint8Array])[] = [
    ['another tag', concat(Uint8Array.of(0xd1), body([header, NO_HEADERS, GOOD, SIGNATURE]))],
    ['three parts', tagged([header, NO_HEADERS, GOOD])],
    ['a payload that is text', tagged([header, NO_HEADERS, 'text', SIGNATURE])],
    ['an unprotected header', tagged([header, new Map([[4, 1]]), GOOD, SIGNATURE])],
    ['another algorithm', tagged([protectedWith(-7), NO_HEADERS, GOOD, SIGNATURE])],
    [
      'a protected header without room for a kid',
      tagged([KID.subarray(1), NO_HEADERS, GOOD, SIGNATURE]),
    ],
    ['a signature of 63 bytes', tagged([header, NO_HEADERS, GOOD, SIGNATURE.subarray(1)])],
    ['another format version', signed([2, 3, 1, 7, 1, 1, 2, null, PAYLOAD.fieldRoot, NO_HEADERS])],
    ['nine members', signed([1, 3, 1, 7, 1, 1, 2, null, PAYLOAD.fieldRoot])],
    ['an index of 65,536', signed(encodedWith({ index: 65_536 }))],
    ['a holder key of 32 bytes', signed(encodedWith({ holderKey: new Uint8Array(32) }))],
  ];
  for (const [name, cose] of twins) {
    it(`refuses ${name}`, () => {
      expect(codeOf(() => decodeCoseSign1(cose))).to.equal('COSE_SHAPE');
    });
  }
});

describe('SM2 keys', () => {
  const { publicKey } = sm2.generateKeyPair();
  const offCurve = Uint8Array.from(publicKey, (byte, i) => (i === 64 ? byte ^ 1 : byte));
  for (const [name, key] of [
    ['off the curve', offCurve],
    ['of 64 bytes', publicKey.subarray(1)],
    ['of nothing', new Uint8Array(0)],
  ] as const) {
    it(`have no id ${name}`, () => {
      expect(codeOf(() => keyId(key))).to.equal('KEY_INVALID');
      expect(codeOf(() => compressKey(key))).to.equal('KEY_INVALID');
    });
  }
});

function body(parts: CborInput): Uint8Array {
  return encodeCbor(parts);
}

function tagged(parts: CborInput): Uint8Array {
  return concat(Uint8Array.of(0xd2), body(parts));
}

function signed(payload: CborInput | Uint8Array): Uint8Array {
  const bytes = payload instanceof Uint8Array ? payload : encodeCbor(payload);
  return encodeCoseSign1(KID, bytes, SIGNATURE);
}

function encodedWith(change: Partial<typeof PAYLOAD> | { holderKey: Uint8Array }): Uint8Array {
  return encodePayload({ ...PAYLOAD, ...change });
}

function protectedWith(algorithm: number): Uint8Array {
  return encodeCbor(
    new Map<number, number | Uint8Array>([
      [1, algorithm],
      [4, KID],
    ]),
  );
}

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return isCodedError(error) ? error.code : String(error);
  }
}
