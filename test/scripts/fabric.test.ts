// SPDX-License-Identifier: Apache-2.0
// The command `npm run fabric` where nothing can run: what it says, in words and as JSON, and that it leaves nothing behind.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { birthOf } from '../../network/fabric/process-birth.ts';

const MAIN = fileURLToPath(new URL('../../scripts/fabric.ts', import.meta.url));

describe('scripts/fabric', function () {
  this.timeout(180_000); // each run loads the whole command from its sources
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zhenglian command '));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', MAIN, ...args, '--json'],
      { encoding: 'utf8', env: { ...process.env, FABRIC_DIR: join(folder, 'none'), ...env } },
    );
    return { status, answer: JSON.parse(stdout || '{}') as Record<string, unknown>, stderr };
  }

  it('an error has a code in JSON, words on the other stream, and exit code 1', () => {
    const { status, answer, stderr } = run(['logs']);
    expect(status).to.equal(1);
    expect(answer['code']).to.equal('START_FAILED');
    expect(answer['error']).to.match(/no logs in .*: npm run fabric -- up/);
    expect(stderr.trim()).to.equal(answer['error']);
    expect(existsSync(join(folder, 'none'))).to.equal(false);
  });

  const wrongLines: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['an unknown option', ['up', '--what'], /Unknown option '--what'/],
    ['an option without its value', ['add-org', 'P11', '--port'], /--port/],
    ['an unknown command', ['upp'], /no command upp; there are: up, status/],
  ];
  for (const [what, args, words] of wrongLines) {
    it(`START_FAILED: ${what} gets one line, no stack, and exit code 64`, () => {
      const { status, answer, stderr } = run(args);
      expect(status).to.equal(64);
      expect(answer['code']).to.equal('START_FAILED');
      expect(answer['error']).to.match(words);
      expect(stderr).to.equal(`${String(answer['error'])}\n`);
      expect(stderr.trim()).not.to.include('\n');
    });
  }

  it('DATA_DIR_LOCKED: a command that changes a network, while another does', () => {
    const holder = { pid: process.pid, born: birthOf(process.pid) };
    writeFileSync(join(folder, 'command.lock'), JSON.stringify(holder));
    const { status, answer } = run(['down'], { FABRIC_DIR: folder });
    expect(status).to.equal(1);
    expect(answer['code']).to.equal('DATA_DIR_LOCKED');
    expect(answer['error']).to.include(`pid ${String(process.pid)}`);
    expect(readdirSync(folder)).to.eql(['command.lock']);
  });
});
