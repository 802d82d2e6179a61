// SPDX-License-Identifier: Apache-2.0
// The clock of a gateway jumps while it issues, checks and changes status: an hour ahead and back again, an hour back,
// ten minutes back and forth. Peers refuse such a clock, and nothing that was said before becomes untrue.
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL, fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Answered } from './call-app.ts';
import { eventually } from './support.ts';
import { createVictim } from './victim.ts';
import type { Victim } from './victim.ts';

const PRELOAD = fileURLToPath(new URL('../support/jumping-clock.mjs', import.meta.url));
const HOUR = 3600;
const JUMPS = process.env['SOAK'] === '1' ? 10 : 1;
const SUSPEND = { state: 'suspended', class: 'judicial', reason: 'test', basis: 'art. 2' };
const REINSTATE = { state: 'valid', class: 'reinstated', reason: 'test', basis: 'art. 3' };

/** What a licence is, and what becomes of it. */
const STATES = [
  ['valid', SUSPEND],
  ['suspended', REINSTATE],
] as const;

describe('gateway: jumps of its clock', function () {
  this.timeout(JUMPS * 240_000);
  let folder: string;
  let victim: Victim;
  let url: string;
  const asked: (() => Promise<void>)[] = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zhenglian-clock-'));
    await setClock(0);
    victim = await createVictim({ preload: pathToFileURL(PRELOAD).href });
    ({ url } = await victim.startReady({ CLOCK_FILE: join(folder, 'clock') }));
  });
  after(async () => {
    await victim.close();
    await rm(folder, { recursive: true, force: true });
  });

  const setClock = async (seconds: number) => {
    await writeFile(join(folder, 'clock.next'), String(seconds));
    await rename(join(folder, 'clock.next'), join(folder, 'clock'));
  };
  const reasons = async () => {
    const answer = await fetch(`${url}/readyz`);
    return ((await answer.json()) as { reasons?: readonly string[] }).reasons ?? [];
  };
  const issue = async () => {
    const ask = victim.client.work({ lines: 15, singles: 2 });
    asked.push(ask);
    await ask();
  };
  const post = (path: string, body: object, as: 'officer' | 'clerk' = 'officer') =>
    victim.client.call(path, {
      as,
      body: { type: 'application/json', text: JSON.stringify(body) },
    });
  /** Verdicts of printed documents. */
  const verdicts = async (texts: readonly string[]): Promise<readonly string[]> => {
    const order = { presentations: texts, act: 'general' };
    const { status, body } = await post('/v1/verifications', order, 'clerk');
    expect(status, JSON.stringify(body)).to.equal(200);
    return body.reports.map((report: { verdict: string }) => report.verdict);
  };
  const printed = async () => {
    let found: Answered | undefined;
    await eventually(async () => {
      found = await victim.client.call(`/v1/licences/${victim.client.someLicence()}/code`);
      expect(found.status).to.equal(200);
    });
    return found?.body.text as string;
  };
  const changeStatus = (to: object) =>
    post(`/v1/licences/${victim.client.someLicence()}/status`, to);
  const expectGood = async (text: string) => {
    for (const verdict of await verdicts([text])) {
      expect(verdict).to.be.oneOf(['VALID', 'UNDETERMINED']);
    }
  };

  for (let round = 0; round < JUMPS; round += 1) {
    for (const jump of [HOUR, -HOUR, 600, -600]) {
      it(`bears one of ${String(jump)} s and the way back, ${String(round + 1)}`, async () => {
        await setClock(0);
        await eventually(async () => void expect(await reasons()).to.deep.equal([]), 60_000);
        await issue();
        const text = await printed();
        await eventually(async () => void expect(await verdicts([text])).to.deep.equal(['VALID']));
        await setClock(jump);
        await expectGood(text);
        await issue();
        await eventually(async () => {
          await expectGood(text);
          expect(await reasons()).to.include('CLOCK_REFUSED');
        }, 60_000);
        // Peers take nothing that is stamped so, and what was refused is not done later either.
        const refused = await changeStatus(SUSPEND);
        expect([refused.status, refused.body.code]).to.deep.equal([503, 'LEDGER_REFUSED']);
        for (const ask of asked) await ask();
        await setClock(0);
        await eventually(async () => void expect(await reasons()).to.deep.equal([]), 60_000);
        for (const [before, to] of STATES) {
          const looked = await victim.client.call(`/v1/licences/${victim.client.someLicence()}`);
          expect(looked.body.state).to.equal(before);
          const { status, body } = await changeStatus(to);
          expect(status, JSON.stringify(body)).to.equal(200);
        }
        await eventually(async () => void expect(await verdicts([text])).to.deep.equal(['VALID']));
        for (const ask of asked) await ask();
      });
    }
  }

  it('has lost, doubled and broken nothing', () => victim.check());

  it('tells times that never run backwards, in the trace and on the ledger', async () => {
    const licence = victim.client.someLicence();
    const { status, body } = await victim.client.call(`/v1/trace?licence=${licence}`, {
      as: 'regulator',
    });
    expect(status, JSON.stringify(body)).to.equal(200);
    expect(body.entries.length).to.be.greaterThan(20);
    expect(body.ledger.length).to.be.greaterThan(4);
    for (const records of [body.entries, body.ledger] as { at: number }[][]) {
      const times = records.map(({ at }) => at);
      expect(times).to.deep.equal([...times].sort((a, b) => a - b));
    }
  });
});
