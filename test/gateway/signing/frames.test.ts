// SPDX-License-Identifier: Apache-2.0
// The signer's protocol: messages cut out of any stream, requests and answers there and back, and what is refused.
import { expect } from 'chai';
import fc from 'fast-check';
import { concat, fromHex, toHex, utf8 } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import { isCodedError } from '@zhenglian/core/errors';
import { gatewayError } from '../../../gateway/src/problem-codes.ts';
import { createFrameReader, encodeFrame, MAX_FRAME } from '../../../gateway/src/signing/frames.ts';
import {
  decodeAnswer,
  decodeRequest,
  encodeFailure,
  encodeRequest,
  encodeResult,
  MAX_CONTENTS,
} from '../../../gateway/src/signing/messages.ts';
import type { SignerRequest } from '../../../gateway/src/signing/messages.ts';
import { refuse } from '../../../gateway/src/signing/refuse.ts';
import { NETWORK } from './contents.ts';

const REQUESTS: readonly SignerRequest[] = [
  { verb: 'open', protocol: 1 },
  { verb: 'ping' },
  { verb: 'list', session: 1 },
  { verb: 'generate', session: 1, authority: '11440100000000001X' },
  { verb: 'close', session: 1 },
  {
    ...{ verb: 'sign', session: 1, handle: 2, purpose: 'licence' },
    ...{ networkId: NETWORK, payloads: [utf8('a'), utf8('bc')] },
  },
];

describe('gateway: the line to a signer', () => {
  it('gives the messages of a stream, however it is cut', () => {
    const messages = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 });
    fc.assert(
      fc.property(messages, fc.integer({ min: 1, max: 97 }), (sent, size) => {
        const stream = concat(...sent.map(encodeFrame));
        const reader = createFrameReader();
        const got: Uint8Array[] = [];
        for (let at = 0; at < stream.length; at += size) {
          got.push(...reader.push(stream.subarray(at, at + size)));
        }
        expect(got.map(toHex)).to.deep.equal(sent.map(toHex));
        expect(reader.isPartial()).to.equal(false);
      }),
    );
  });

  it('judges a length before anything is kept for it', () => {
    for (const head of ['ffffffff', '00100001', '00000000']) {
      expect(() => createFrameReader().push(fromHex(head))).to.throw('SIGNER_UNAVAILABLE');
    }
    const reader = createFrameReader();
    expect(reader.push(fromHex('00100000'))).to.deep.equal([]);
    expect(reader.isPartial()).to.equal(true);
    expect(MAX_FRAME).to.equal(0x10_0000);
  });

  it('is written as docs/signer.md shows it', () => {
    const request: SignerRequest = {
      ...{ verb: 'sign', session: 1, handle: 1, purpose: 'rule' },
      ...{ networkId: NETWORK, payloads: [fromHex('c0ffee')] },
    };
    expect(toHex(encodeFrame(encodeRequest(7, request)))).to.equal(
      `000000358707647369676e010164${toHex(utf8('rule'))}5820${'07'.repeat(32)}8143c0ffee`,
    );
    const answer = encodeResult(7, new Uint8Array(64).fill(0xab));
    expect(toHex(encodeFrame(answer))).to.equal(`000000458307005840${'ab'.repeat(64)}`);
  });

  it('carries every request', () => {
    for (const request of REQUESTS) {
      const { id, request: read } = decodeRequest(encodeRequest(9, request));
      expect([id, read]).to.deep.equal([9, request]);
    }
  });

  it('carries results, refusals with their reason, and no code that is not of a signer', () => {
    expect(decodeAnswer(encodeResult(1, 5))).to.deep.equal({ id: 1, result: 5 });
    const refusal = refuse('count', 'no more today', { permit: 'counter' });
    const { result } = decodeAnswer(encodeFailure(2, refusal));
    if (!isCodedError<string>(result)) throw new Error('an error was sent');
    const detail = { reason: 'count', permit: 'counter' };
    expect([result.code, result.detail]).to.deep.equal(['SIGNER_LIMIT', detail]);
    const other = encodeFailure(3, gatewayError('TOKEN_INVALID', 'words'));
    const { result: strange } = decodeAnswer(other);
    expect(isCodedError<string>(strange, 'SIGNER_UNAVAILABLE')).to.equal(true);
  });

  it('refuses every request of another form', () => {
    const sign = ['sign', 1, 1, 'licence', NETWORK];
    const many = Array.from({ length: MAX_CONTENTS + 1 }, () => new Uint8Array(1));
    const wrong = [
      ['sign'],
      [1, 'export', 1],
      [1, 'list'],
      [1, 'list', 1, 2],
      [-1, 'ping'],
      [1, ...sign, [new Uint8Array(4097)]],
      [1, ...sign, ['text']],
      [1, ...sign, many],
      [1, 'sign', 1, 1, 'anything', NETWORK, []],
      [1, 'sign', 1, 1, 'licence', new Uint8Array(31), []],
      { verb: 'ping' },
    ];
    for (const [i, each] of wrong.entries()) {
      expect(() => decodeRequest(encodeCbor(each)), String(i)).to.throw(/SHAPE_INVALID|CBOR_/);
    }
    expect(() => decodeRequest(concat(encodeCbor([1, 'ping']), new Uint8Array(1)))).to.throw(
      'CBOR_TRAILING',
    );
    expect(() => decodeAnswer(encodeCbor([1, 2, 3]))).to.throw('SHAPE_INVALID');
  });
});
