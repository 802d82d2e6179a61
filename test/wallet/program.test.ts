// SPDX-License-Identifier: Apache-2.0
// The wallet as a holder runs it, a process a command: exit codes, streams, files, and no secret anywhere.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { inclusionOf } from '../support/evidence-maker.ts';
import { verify } from '@zhenglian/core/verify';
import { CODE, LICENCE, WalletGateway } from '../support/wallet-gateway.ts';
import {
  INSTALLED,
  jsonOf,
  makeFolder,
  PASSPHRASE,
  refusalOf,
  runProgram,
} from '../support/wallet-process.ts';

describe('wallet: the program', () => {
  let gateway: WalletGateway;
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let wallet: string;

  before(async () => {
    gateway = await WalletGateway.start();
    folder = await makeFolder();
    wallet = join(folder.dir, 'wallet');
  });
  after(async () => {
    await gateway.stop();
    await folder.drop();
  });

  const program = (...argv: string[]) => runProgram([...argv, '--wallet', wallet]);
  const json = (...argv: string[]) => program(...argv, '--json');

  it('takes a licence from a claim code to a VALID verdict and out again', async () => {
    expect((await program('init')).code).to.equal(0);
    const { url, fingerprint } = gateway;
    const claimed = await json('claim', CODE, '--gateway', url, '--fingerprint', fingerprint);
    expect(claimed.err).to.equal('');
    expect(claimed.code).to.equal(0);
    expect(jsonOf(claimed)).to.include({ licence: LICENCE, type: 'driving', verified: true });

    const shown = jsonOf(await json('present', '--set', 'roadside'));
    const at = Math.floor(Date.now() / 1000);
    const report = verify(
      String(shown['text']),
      {
        bundle: gateway.maker.bundle({ at }),
        epoch: gateway.maker.epoch(gateway.minted, { at }),
        inclusion: inclusionOf(gateway.minted, 0),
      },
      { networkId: gateway.maker.networkId, act: 'roadside' },
      at,
    );
    expect(report.verdict).to.equal('VALID');
    expect(report.holder).to.equal('recent');
    expect(report.licence?.fields.map(({ name }) => name)).to.deep.equal(shown['fields']);
    expect(report.licence?.fields.map(({ name }) => name)).not.to.include('licenceNo');

    const listed = await program('list');
    expect(listed.out).to.include(LICENCE.slice(0, 8)).and.include('Driving licence');
    expect(listed.out).not.to.include('王小明');
    const everything = await json('show', 'driving');
    expect(everything.out).to.include('王小明').and.include('999999199003070012');

    expect((await program('remove', 'driving')).code).to.equal(1);
    expect((await program('remove', 'driving', '--yes')).code).to.equal(0);
    expect(jsonOf(await json('list'))).to.deep.equal({ licences: [] });
  });

  it('keeps folder and files to the owner, and nothing readable in them', async () => {
    gateway.reset();
    const { url } = gateway;
    expect((await program('claim', CODE, '--gateway', url)).code).to.equal(0);
    expect(statSync(wallet).mode & 0o777).to.equal(0o700);
    const files = readdirSync(wallet);
    expect(files.length).to.be.greaterThan(3);
    for (const name of files) {
      expect(statSync(join(wallet, name)).mode & 0o777, name).to.equal(0o600);
      const content = readFileSync(join(wallet, name));
      for (const secret of ['王小明', '999999199003070012', '330100123456', 'driving', url]) {
        expect(content.includes(secret), `${secret} in ${name}`).to.equal(false);
      }
    }
    const png = join(folder.dir, 'code.png');
    expect((await program('present', '--set', 'full', '--png', png)).code).to.equal(0);
    expect(statSync(png).mode & 0o777).to.equal(0o600);
  });

  it('prints the text alone with --text, and one line of JSON with --json', async () => {
    const text = await program('present', '--fields', 'name,classes', '--text');
    expect(text.out).to.match(/^ZL1:[0-9A-Z $%*+\-./:]+\n$/);
    const shown = jsonOf(await json('present', '--fields', 'name,classes'));
    expect(shown['fields']).to.deep.equal(['name', 'classes']);
  });

  it('ends with 2 for a wrong command line, 1 for a refusal, 0 for help', async () => {
    expect(refusalOf(await json('frobnicate'))).to.equal('USAGE');
    expect(refusalOf(await json('list', '--no-such-option'))).to.equal('USAGE');
    expect(refusalOf(await json('present', 'no-such-licence', '--set', 'full'))).to.equal(
      'NOT_IN_WALLET',
    );
    const plain = await program('present', '--set', 'nothing');
    expect(plain).to.include({ code: 1, out: '' });
    expect(plain.err).to.match(/^SET_UNKNOWN: /);
    const help = await program('present', '--help');
    expect(help.code).to.equal(0);
    expect(help.out).to.include('--request').and.include('--png');
    const installed = await runProgram(['--help'], {}, INSTALLED);
    expect(installed.out).to.include('claim').and.include('remove');
  });

  it('takes the passphrase from a file, and speaks Chinese', async () => {
    const file = join(folder.dir, 'passphrase');
    writeFileSync(file, `${PASSPHRASE}\nsecond line\n`);
    const argv = ['list', '--wallet', wallet, '--passphrase-file', file];
    const listed = await runProgram(argv, { LANG: 'zh_CN.UTF-8' });
    expect(listed.code).to.equal(0);
    expect(listed.out).to.include('机动车驾驶证');
    const missing = await runProgram(['list', '--wallet', wallet, '--lang', 'zh'], {});
    expect(missing.code).to.equal(1);
    expect(missing.err).to.match(/^PASSPHRASE_NEEDED: 需要口令/);
  });

  it('runs as the repository’s npm command does', () => {
    const out = execFileSync(process.execPath, ['scripts/bootstrap.mjs', 'wallet', '--help'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(out).to.include('zhenglian-wallet COMMAND');
  });
});
