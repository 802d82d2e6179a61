// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import fc from 'fast-check';
import { utf8 } from '@zhenglian/core/bytes';
import {
  codeOfStep,
  encodeBase32,
  otpauthUri,
  stepOfCode,
} from '../../../gateway/src/accounts/totp.ts';
import { fromBase32 } from './base32.ts';

/** RFC 6238 appendix B: the last six digits of its SHA-1 rows. */
const SECRET = utf8('12345678901234567890');
const VECTORS = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
] as const;

describe('gateway: one-time codes', () => {
  it('are those of RFC 6238', () => {
    for (const [time, code] of VECTORS) {
      expect(codeOfStep(SECRET, Math.floor(time / 30))).to.equal(code);
      expect(stepOfCode(SECRET, code, time, 0)).to.equal(Math.floor(time / 30));
    }
  });

  it('hold one step to both sides, and never again', () => {
    const [time, code] = [1_234_567_890, '005924'];
    const step = Math.floor(time / 30);
    for (const drift of [-30, 0, 30]) {
      expect(stepOfCode(SECRET, code, time + drift, 0)).to.equal(step);
    }
    for (const drift of [-60, 60]) {
      expect(stepOfCode(SECRET, code, time + drift, 0)).to.equal(undefined);
    }
    expect(stepOfCode(SECRET, code, time, step)).to.equal(undefined);
    expect(stepOfCode(SECRET, code, time, step - 1)).to.equal(step);
    for (const wrong of ['', '05924', '0059240', '００５９２４']) {
      expect(stepOfCode(SECRET, wrong, time, 0)).to.equal(undefined);
    }
  });

  it('come from a secret that an app reads back', () => {
    expect(encodeBase32(utf8('foobar'))).to.equal('MZXW6YTBOI');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(fromBase32(encodeBase32(bytes))).to.deep.equal(bytes);
      }),
    );
    expect(otpauthUri(SECRET, '王芳', 'Zhenglian P44')).to.equal(
      `otpauth://totp/Zhenglian%20P44:${encodeURIComponent('王芳')}?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Zhenglian%20P44`,
    );
  });
});
