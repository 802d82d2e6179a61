// SPDX-License-Identifier: Apache-2.0
// The thin line end to end on real Fabric nodes: `npm run demo -- --ledger fabric` mints, scans in Chromium, revokes, recognises and replays,
// and meets the same expectations as on the embedded ledger.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { findChromium } from '../../scripts/chromium.ts';
import { programArguments } from '../../network/own-program.ts';

const DEMO = fileURLToPath(new URL('../../scripts/demo.ts', import.meta.url));
const STEPS = 14;

describe('fabric: npm run demo', function () {
  this.timeout(600_000);

  it('walks the whole line in Chromium, skipped where there is none, and meets every expectation', async function () {
    if (findChromium() === undefined) {
      if (process.env['CI'] === 'true') throw new Error('CI has no Chromium: set CHROMIUM');
      process.stderr.write('      no Chromium found (PATH, CHROMIUM): the demo is skipped\n');
      this.skip();
    }
    const command = [...programArguments(DEMO), '--ledger', 'fabric', '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, command);
    const { outcomes } = JSON.parse(stdout) as {
      outcomes: { step: string; expected: string; seen: string }[];
    };
    expect(outcomes).to.have.length(STEPS);
    for (const { step, expected, seen } of outcomes) expect(seen, step).to.equal(expected);
  });
});
