// SPDX-License-Identifier: Apache-2.0
// Random bytes from a pool: as long as asked for, nobody's twice.
import { expect } from 'chai';
import { toHex } from '@zhenglian/core/bytes';
import { createRandomPool } from '../../gateway/src/random-pool.ts';

describe('gateway: random bytes', () => {
  it('are as many as were asked for, and never the same again', () => {
    const random = createRandomPool();
    const seen = new Set<string>();
    const lengths = [12, 16, 48, 1000, 8, 9000];
    for (let i = 0; i < 3000; i += 1) {
      const length = lengths[i % lengths.length] ?? 16;
      const given = random(length);
      expect(given).to.have.length(length);
      seen.add(toHex(given));
    }
    expect(seen.size).to.equal(3000);
  });

  it('are the receiver’s own: what becomes of them changes no others', () => {
    const random = createRandomPool();
    const first = random(16);
    first.fill(0);
    const second = random(16);
    expect(first).to.deep.equal(new Uint8Array(16));
    expect(second).not.to.deep.equal(first);
  });
});
