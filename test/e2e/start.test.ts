// SPDX-License-Identifier: Apache-2.0
// `npm start` as a process: the tour it writes, going on where it stopped, stopping cleanly, and every start that cannot be.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { readTour } from '../../scripts/running-network.ts';
import { programArguments } from '../../network/own-program.ts';

const START = fileURLToPath(new URL('../../scripts/start.ts', import.meta.url));

interface Started {
  readonly ready: Promise<boolean>;
  readonly ended: Promise<{ readonly code: number | null; readonly words: string }>;
  readonly interrupt: () => void;
}

/** Runs scripts/start.ts with settings; `ready` when it prints its tour, false when it ends before. */
function start(env: Readonly<Record<string, string>>, ...options: string[]): Started {
  const child = spawn(process.execPath, [...programArguments(START), '--json', ...options], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let words = '';
  child.stderr.on('data', (part: Buffer) => (words += part.toString()));
  const exit = once(child, 'exit');
  const ended = exit.then(([code]) => ({ code: code as number | null, words }));
  const ready = Promise.race([once(child.stdout, 'data').then(() => true), exit.then(() => false)]);
  return { ready, ended, interrupt: () => child.kill('SIGINT') };
}

describe('npm start', function () {
  this.timeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), 'zl start '));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('serves, refuses a second start on the same data, stops on SIGINT, and goes on where it stopped', async () => {
    const DATA_DIR = join(folder, 'data');
    const first = start({ DATA_DIR });
    expect(await first.ready).to.equal(true);
    const tour = readTour(DATA_DIR);
    expect(tour.services.map(({ name }) => name)).to.eql(['P44', 'P33', 'REG']);
    for (const { url } of tour.services)
      expect((await fetch(`${url}/readyz`)).status).to.equal(200);
    expect(statSync(join(DATA_DIR, 'tour.json')).mode & 0o077).to.equal(0);
    expect(
      readFileSync(join(DATA_DIR, 'samples', 'resident-id.csv'), 'utf8').split('\n'),
    ).to.have.length(1002);

    const second = await start({ DATA_DIR }).ended;
    expect(second.code).to.equal(1);
    expect(second.words).to.contain('DATA_DIR_LOCKED');
    expect((await fetch(`${tour.services[0]?.url ?? ''}/readyz`)).status).to.equal(200);

    first.interrupt();
    expect((await first.ended).code).to.equal(0);
    const again = start({ DATA_DIR }, '--tls');
    expect(await again.ready).to.equal(true);
    const tourAgain = readTour(DATA_DIR);
    expect(tourAgain.fingerprint).to.equal(tour.fingerprint);
    expect(tourAgain.tokens).to.eql(tour.tokens);
    const ca = readFileSync(join(DATA_DIR, 'tls', 'certificate.pem'));
    for (const { url } of tourAgain.services) {
      const [answer] = (await once(get(`${url}/`, { ca }), 'response')) as [IncomingMessage];
      expect(answer.statusCode).to.equal(200);
      expect(answer.headers['strict-transport-security']).to.contain('max-age');
      answer.resume();
    }
    again.interrupt();
    expect((await again.ended).code).to.equal(0);
  });

  it('says in words that the data directory cannot be made', async () => {
    const file = join(folder, 'a file');
    writeFileSync(file, '');
    const { code, words } = await start({ DATA_DIR: join(file, 'data') }).ended;
    expect(code).to.equal(1);
    expect(words).to.match(/DATA_DIR_UNWRITABLE|ENOTDIR/);
  });

  it('says that a port is in use, and leaves nothing running', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const DATA_DIR = join(folder, 'port');
    const { code, words } = await start({ DATA_DIR, PORT: String(port) }).ended;
    expect(code).to.equal(1);
    expect(words).to.contain('PORT_IN_USE');
    taken.close();
    const next = start({ DATA_DIR });
    expect(await next.ready).to.equal(true);
    next.interrupt();
    expect((await next.ended).code).to.equal(0);
  });

  it('refuses a port that is none', async () => {
    const { code, words } = await start({ DATA_DIR: join(folder, 'p'), PORT: 'http' }).ended;
    expect(code).to.equal(1);
    expect(words).to.contain('PORT');
  });
});
