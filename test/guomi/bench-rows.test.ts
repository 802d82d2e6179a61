// SPDX-License-Identifier: Apache-2.0
// What the bench of guomi prints: cycles wherever the clock is known, the same figures from Node and from a page, and a
// failure for what must hold on any machine.
import { expect } from 'chai';
import { PAGE } from '../../scripts/bench/guomi-browser.ts';
import type { BenchRow } from '../../scripts/bench/main.ts';
import { byteFigures } from '../../scripts/bench/parts/guomi-bytes.ts';
import { cyclesRows, megahertzOf } from '../../scripts/bench/parts/guomi-cycles.ts';
import { signatureFigures } from '../../scripts/bench/parts/guomi-signatures.ts';
import { failuresOf, mustText } from '../../scripts/bench/parts/must.ts';

const row: BenchRow = { figure: 'f', unit: 'MB', value: 5, peers: {}, ratio: null };

describe('the bench of guomi', () => {
  it('knows the clock from the kernel where Node says 0, and counts cycles by it', () => {
    const cpuinfo = 'model name\t: EPYC\ncpu MHz\t\t: 2599.998\ncache size\t: 512 KB\n';
    expect(megahertzOf(0, cpuinfo)).to.equal(2600);
    expect(megahertzOf(undefined, cpuinfo)).to.equal(2600);
    expect(megahertzOf(3100, cpuinfo)).to.equal(3100);
    expect(megahertzOf(0, '')).to.equal(0);
    const gcm = { ...row, figure: 'SM4-GCM, 1 MB', value: 100, peers: { OpenSSL: 130 } };
    const [cycles] = cyclesRows([row, gcm], 2600);
    expect(cycles).to.include({ figure: 'SM4-GCM, 1 MB, cycles a byte at 2600 MHz', value: 26 });
    expect(cycles?.peers).to.deep.equal({ OpenSSL: 20 });
    expect(cyclesRows([row, gcm], 0)).to.deep.equal([]);
    expect(cyclesRows([row], 2600)).to.deep.equal([]);
  });

  it('fails for a ratio and for memory, not for a rate or a time', () => {
    const missed = [
      { ...row, must: { atMost: 4 } },
      { ...row, unit: '1/s', ratio: 7, must: { atLeast: 5, ratio: 8 } },
    ];
    const kept = [
      { ...row, must: { atMost: 5 } },
      { ...row, unit: 'ms', must: { atMost: 4 } },
      { ...row, unit: '1/s', ratio: 8, must: { atLeast: 6, ratio: 8 } },
      row,
    ];
    expect(failuresOf([...kept, ...missed])).to.deep.equal([
      'f: 5 MB; ≤ 4: MISSED',
      'f: 5 1/s, ×7 of OpenSSL; ≥ 5, ×8: MISSED',
    ]);
    expect(missed.map(mustText)).to.deep.equal(['≤ 4: MISSED', '≥ 5, ×8: MISSED']);
  });

  it('has in the page every figure that it has in Node, by the same name', () => {
    for (const { figure } of [...signatureFigures(), ...byteFigures()]) {
      expect(PAGE).to.include(`  '${figure.replace(/ \(.*\)$/, '')}': `);
    }
  }).timeout(120_000);
});
