// SPDX-License-Identifier: Apache-2.0
// The runner of benchmarks: its table, its list, its refusals.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { formatRows, listBenches } from '../../scripts/bench/main.ts';
import type { Must } from '../../scripts/bench/main.ts';
import { isRatioMet } from '../../scripts/bench/parts/must.ts';

describe('scripts/bench', () => {
  it('prints figures beside those of peers', () => {
    const row = {
      figure: 'verify',
      unit: '/s',
      value: 12345.6,
      peers: { other: 213 },
      ratio: 57.96,
    };
    const lines = formatRows([row, { ...row, figure: 'size', peers: {}, ratio: null }]).split('\n');
    expect(lines[0]).to.match(/^figure +value +peers +ratio +must$/);
    expect(lines[1]).to.equal('verify  12,346 /s  other 213  ×58.0');
    expect(lines[2]).to.equal('size    12,346 /s');
  });

  it('says of what was asked whether it is met, missed, or only not met on this machine', () => {
    const row = { figure: 'f', unit: '/s', value: 20, peers: {}, ratio: 8 };
    const told = (must: Must) => formatRows([{ ...row, must }]).split('\n')[1];
    expect(told({ atLeast: 20, ratio: 8 })).to.match(/≥ 20, ×8: met$/);
    expect(told({ atMost: 19 })).to.match(/≤ 19: not met here$/);
    expect(told({ atLeast: 30, ratio: 7 })).to.match(/≥ 30, ×7: not met here$/);
    expect(told({ atLeast: 10, ratio: 8.1 })).to.match(/MISSED$/);
    expect([7, 8, 9].map((ratio) => isRatioMet({ ...row, must: { ratio } }))).to.deep.equal([
      true,
      true,
      false,
    ]);
    expect(isRatioMet({ ...row, ratio: null, must: { ratio: 1 } })).to.equal(false);
  });

  it('lists benchmarks, and refuses one that there is not', () => {
    expect(listBenches()).to.not.include('main');
    const main = fileURLToPath(new URL('../../scripts/bench/main.ts', import.meta.url));
    const run = (...args: string[]) =>
      spawnSync(process.execPath, ['--import', 'tsx', main, ...args], { encoding: 'utf8' });
    expect(run('--help').status).to.equal(0);
    expect(run().status).to.equal(2);
    expect(run('../main').stderr).to.include('no benchmark ../main');
    const nothing = run('timing', '--only=no such figure');
    expect(nothing.stderr).to.equal('bench: timing: no figure has the words no such figure\n');
    expect(nothing.status).to.equal(2);
  }).timeout(120_000);
});
