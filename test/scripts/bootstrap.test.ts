// SPDX-License-Identifier: Apache-2.0
// The door of every npm command: arguments, exit codes, one clear sentence when something is missing.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const BOOTSTRAP = fileURLToPath(new URL('../../scripts/bootstrap.mjs', import.meta.url));

describe('scripts/bootstrap', () => {
  it('names the commands there are when asked for another', () => {
    for (const name of ['nonsense', 'constructor', '']) {
      const { status, stderr } = bootstrap([name]);
      expect(status).to.equal(1);
      expect(stderr).to.include('start, demo, bench');
    }
  });

  it('hands arguments, output and exit code of the script through', () => {
    expect(bootstrap(['samples', '--help']).stdout).to.match(/^npm run samples/);
    const wrong = bootstrap(['samples', '--seed', 'a b', '--people', 'x y']);
    expect(wrong.status).to.equal(2);
    expect(wrong.stderr).to.include('--people');
  });

  it('names the programs of Fabric that are missing, in one sentence', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fabric bin '));
    try {
      writeFileSync(join(folder, 'peer'), '#!/bin/sh\n', { mode: 0o755 });
      const { status, stdout, stderr } = bootstrap(['test:fabric'], { FABRIC_BIN: folder });
      expect(status).to.equal(1);
      expect(stdout).to.equal('');
      expect(stderr.trim().split('\n')).to.have.length(1);
      expect(stderr).to.include('orderer, osnadmin').and.to.include(folder);
      expect(stderr).to.not.include(' peer,');
      expect(stderr).to.include('install-fabric.sh').and.to.include('FABRIC_BIN');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('runs the slow tests with SLOW set, and the others without', () => {
    const folder = mkdtempSync(join(tmpdir(), 'zl-slow-'));
    const file = join(folder, 'env.test.ts');
    writeFileSync(file, `it('says', () => console.log('SLOW=' + process.env.SLOW));`);
    try {
      const env = { SLOW: '' };
      expect(bootstrap(['test:slow', file], env).stdout).to.include('SLOW=1\n');
      expect(bootstrap(['test', file], env).stdout).to.include('SLOW=\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('hands a signal to the test run, waits for it, and ends with its code', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zl-slow-'));
    const file = join(folder, 'slow.test.ts');
    writeFileSync(
      file,
      `it('waits', async function () {
        process.once('SIGTERM', () => { console.log('told'); process.exit(9); });
        console.log('ready');
        await new Promise((r) => setTimeout(r, 30000));
      });`,
    );
    const child = spawn(process.execPath, [BOOTSTRAP, 'test', file]);
    let output = '';
    let report = '';
    child.stderr.on('data', (chunk) => (report += String(chunk)));
    const ready = new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error(`it never began: ${report}`)));
      child.stdout.on('data', (chunk) => {
        output += String(chunk);
        if (output.includes('ready')) resolve();
      });
    });
    try {
      await ready;
      child.kill('SIGTERM');
      const [code] = await once(child, 'exit');
      expect(output.match(/told/g)).to.have.length(1);
      expect(code).to.equal(9);
    } finally {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });
});

function bootstrap(args: string[], env: Record<string, string> = {}) {
  return spawnSync(process.execPath, [BOOTSTRAP, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
}
