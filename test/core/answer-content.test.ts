// SPDX-License-Identifier: Apache-2.0
// What a co-signed answer says of itself: its network, its version, the nonce it answers.
import { expect } from 'chai';
import { checkAnswerContent } from '@zhenglian/core/cosigned-answer';

describe('the content of a co-signed answer', () => {
  it('checks what an answer says of itself', () => {
    const networkId = new Uint8Array(32);
    const nonce = new Uint8Array(16);
    const held = { networkId, version: 5, nonce };
    const content = { networkId, version: 5, nonce };
    expect(() => {
      checkAnswerContent(content, held);
    }).not.to.throw();
    const bent = [
      [{ ...content, networkId: new Uint8Array(32).fill(1) }, 'ANSWER_NETWORK'],
      [{ ...content, version: 4 }, 'ANSWER_OLDER'],
      [{ ...content, nonce: new Uint8Array(16).fill(1) }, 'ANSWER_NONCE'],
      [{ networkId, version: 5 }, 'ANSWER_NONCE'],
    ] as const;
    for (const [answer, code] of bent) {
      expect(() => {
        checkAnswerContent(answer, held);
      })
        .to.throw()
        .with.property('code', code);
    }
  });
});
