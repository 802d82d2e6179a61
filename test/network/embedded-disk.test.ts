// SPDX-License-Identifier: Apache-2.0
// A disk that takes no more (a child under `ulimit -f`): a coded error, nothing acknowledged is lost, the process lives.
import { rm } from 'node:fs/promises';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { execPath } from 'node:process';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { ledgerCommand, spawnLedger } from '../../network/embedded/spawn-ledger.ts';
import { codeOf } from '../support/ledger-outcomes.ts';
import {
  connectMember,
  DEFINITION,
  REGISTER_BUNDLES,
  temporaryFolder,
} from '../support/embedded-network.ts';
import { registerAnswer, registerCall as call } from '../support/register-calls.ts';

describe('embedded ledger on a full disk', function () {
  this.timeout(120_000);
  let dataDir: string;

  before(async () => {
    dataDir = await temporaryFolder();
  });
  after(async () => {
    await rm(dataDir, { recursive: true, force: true });
  });

  it('refuses what it cannot keep, still answers, and goes on when there is room', async () => {
    const options = { dataDir, definition: DEFINITION, bundles: REGISTER_BUNDLES };
    await (await spawnLedger(options)).stop();
    // `ulimit -f` counts blocks of 512 bytes: no file grows over 500 kB.
    const script = 'ulimit -f 1000; exec "$0" "$@"';
    const child = spawn('sh', ['-c', script, execPath, ...ledgerCommand(options)], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const { url } = JSON.parse(line) as { url: string };
    const ledger = await connectMember(dataDir, url, 'P44', { deadline: 3000 });
    const done: number[] = [];
    let code = '';
    for (let n = 0; code === '' && n < 40; n++) {
      const extra = [new Uint8Array(50_000)];
      try {
        await ledger.submit({ ...call('zl', 'Put', { key: `n/${String(n)}`, value: 1 }), extra });
        done.push(n);
      } catch (error) {
        code = codeOf(error);
      }
    }
    expect(code).to.match(/^(LEDGER_UNAVAILABLE|COMMIT_UNKNOWN)$/);
    expect(done.length).to.be.greaterThan(2);
    const get = (n: number) => call('zl', 'Get', { key: `n/${String(n)}` });
    expect(registerAnswer(await ledger.evaluate(get(0)))).to.equal(1);
    expect(child.exitCode).to.equal(null);
    child.kill('SIGKILL');
    await once(child, 'exit');

    const again = await spawnLedger(options);
    const later = await connectMember(dataDir, again.url, 'P33');
    for (const n of done) expect(registerAnswer(await later.evaluate(get(n)))).to.equal(1);
    await later.submit(call('zl', 'Put', { key: 'room', value: 1 }));
    await again.stop();
  });
});
