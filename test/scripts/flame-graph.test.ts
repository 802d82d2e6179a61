// SPDX-License-Identifier: Apache-2.0
// Flame graphs: widths are shares of the time that was not idle, within the span asked for.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  drawFlameGraph,
  drawProfile,
  profileMoment,
} from '../../scripts/bench/parts/flame-graph.ts';

const frame = (functionName: string, url = 'file:///gateway.mjs') => ({
  functionName,
  url,
  lineNumber: 1,
});
const PROFILE = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 3, 4] },
    { id: 2, callFrame: frame('(idle)') },
    { id: 3, callFrame: frame('issue'), children: [5] },
    { id: 4, callFrame: frame('parse', 'file:///x/node_modules/@a/b/c.js') },
    { id: 5, callFrame: frame('a<b>') },
  ],
  startTime: 7e6,
  samples: [3, 5, 4, 2, 4],
  timeDeltas: [1e6, 1e6, 2e6, 5e6, 4e6],
};

describe('scripts/bench flame graph', () => {
  const sharesOf = (svg: string) =>
    Object.fromEntries(
      [...svg.matchAll(/<title>(.*) ([\d.]+) %<\/title>/g)].map((m) => [m[1], m[2]]),
    );

  it('gives each function its share of what was not idle, with what it called', () => {
    const svg = drawFlameGraph(PROFILE, { from: 0, until: 100e6 });
    expect(sharesOf(svg)).to.deep.equal({
      all: '100.0',
      issue: '25.0',
      'a&lt;b&gt;': '12.5',
      'parse [@a/b]': '75.0',
    });
  });

  it('leaves out what was before and after', () => {
    expect(sharesOf(drawFlameGraph(PROFILE, { from: 8.5e6, until: 11.5e6 }))).to.deep.equal({
      all: '100.0',
      issue: '33.3',
      'a&lt;b&gt;': '33.3',
      'parse [@a/b]': '66.7',
    });
    expect(sharesOf(drawFlameGraph(PROFILE, { from: 50e6, until: 60e6 }))).to.deep.equal({
      all: '0',
    });
  });

  it('knows the moments of profiles: another process has the same clock', function () {
    this.timeout(20_000);
    const folder = mkdtempSync(join(tmpdir(), 'zl-flame-'));
    try {
      const before = profileMoment();
      execFileSync(process.execPath, ['--cpu-prof', `--cpu-prof-dir=${folder}`, '-e', '0']);
      const [file = ''] = readdirSync(folder);
      const left = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { startTime: number };
      expect(left.startTime).to.be.within(before, profileMoment());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('draws the profile that a process left, and says when it left none', () => {
    const folder = mkdtempSync(join(tmpdir(), 'zl-flame-'));
    try {
      writeFileSync(
        join(folder, 'CPU.20260101.000000.77.0.001.cpuprofile'),
        JSON.stringify(PROFILE),
      );
      const svg = join(folder, 'a.svg');
      drawProfile(folder, 77, { from: 0, until: 100e6 }, svg);
      expect(readFileSync(svg, 'utf8')).to.match(/^<svg xmlns/);
      expect(() => drawProfile(folder, 7, { from: 0, until: 1 }, svg)).to.throw('left no profile');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
