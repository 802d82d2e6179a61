// SPDX-License-Identifier: Apache-2.0
// `npm run demo` as a process: every outcome of the tour is the expected one, in a real browser with a real camera picture.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { findChromium } from '../../scripts/chromium.ts';
import { programArguments } from '../../network/own-program.ts';

const DEMO = fileURLToPath(new URL('../../scripts/demo.ts', import.meta.url));

describe('npm run demo', function () {
  this.timeout(400_000);

  it('walks the whole line and meets every expectation', async function () {
    if (findChromium() === undefined) {
      if (process.env['CI'] === 'true') throw new Error('CI has no Chromium: set CHROMIUM');
      process.stderr.write('      no Chromium found (PATH, CHROMIUM): the demo is skipped\n');
      this.skip();
    }
    const command = [...programArguments(DEMO), '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, command);
    const { ok, outcomes } = JSON.parse(stdout) as {
      ok: boolean;
      outcomes: { step: string; expected: string; seen: string }[];
    };
    expect(ok).to.equal(true);
    expect(outcomes).to.have.length(14);
    for (const { step, expected, seen } of outcomes) expect(seen, step).to.equal(expected);
    expect(outcomes.map(({ seen }) => seen)).to.include.members(['VALID', 'REVOKED', 'unknown']);
  });
});
