// SPDX-License-Identifier: Apache-2.0
// Claim codes as people read and type them, and requests of a counter.
import { expect } from 'chai';
import fc from 'fast-check';
import {
  claimCodeDigest,
  claimPayload,
  formatClaimCode,
  parseClaimCode,
  renewalPayload,
} from '@zhenglian/core/claim';
import { formatRequest, parseRequest } from '@zhenglian/core/request';
import { expectCode, thrownCode } from '../support/codes.ts';

const random = fc.uint8Array({ minLength: 10, maxLength: 10 });

describe('claim codes', () => {
  it('are four groups of four, and are read however they are typed', () => {
    fc.assert(
      fc.property(random, (bytes) => {
        const code = formatClaimCode(bytes);
        expect(code).to.match(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
        const typed = ` ${code.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l')} `;
        expect(parseClaimCode(typed)).to.equal(code.replaceAll('-', ''));
        expect(claimCodeDigest(typed)).to.eql(claimCodeDigest(code));
      }),
    );
  });

  it('are refused when they are too short or hold another letter', () => {
    for (const text of ['', 'ABCD', 'ABCD-ABCD-ABCD-ABC', 'UUUU-UUUU-UUUU-UUUU', 'A'.repeat(17)]) {
      expectCode(() => parseClaimCode(text), 'CLAIM_CODE_INVALID');
    }
  });

  it('bind code, gateway, key and time; a renewal is no claim', () => {
    const claim = {
      code: 'ABCD-ABCD-ABCD-ABCD',
      gateway: 'P44',
      holderKey: new Uint8Array(33),
      at: 1,
    };
    const renewal = {
      kid: new Uint8Array(8),
      epoch: 1,
      index: 2,
      newHolderKey: new Uint8Array(33),
      gateway: 'P44',
      at: 1,
    };
    const payloads = [
      claimPayload(claim),
      claimPayload({ ...claim, gateway: 'P33' }),
      claimPayload({ ...claim, at: 2 }),
      renewalPayload(renewal),
      renewalPayload({ ...renewal, index: 3 }),
    ];
    expect(new Set(payloads.map((p) => Buffer.from(p).toString('hex'))).size).to.equal(5);
  });
});

describe('requests of a counter', () => {
  const requests = fc.record({
    nonce: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    audience: fc.string({ maxLength: 64 }),
    act: fc.string({ maxLength: 32 }),
    expiresAt: fc.integer({ min: 0, max: 0xffff_ffff }),
  });

  it('come back from their text', () => {
    fc.assert(
      fc.property(requests, (request) => {
        expect(parseRequest(formatRequest(request))).to.eql(request);
      }),
    );
  });

  it('do not survive a slip of the finger', () => {
    const text = formatRequest({
      nonce: new Uint8Array(16),
      audience: 'P44/1',
      act: 'a',
      expiresAt: 1,
    });
    for (let i = 5; i < text.length; i++) {
      const slip = text.slice(0, i) + (text[i] === 'A' ? 'B' : 'A') + text.slice(i + 1);
      expect(thrownCode(() => parseRequest(slip))).to.equal('REQUEST_INVALID');
    }
    expectCode(() => parseRequest('ZL1:AAA'), 'QR_PREFIX');
    expectCode(() => parseRequest(`ZLQ1:${'A'.repeat(600)}`), 'QR_TOO_LONG');
  });
});
