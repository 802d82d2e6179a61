// SPDX-License-Identifier: Apache-2.0
// The first administrator: by the command over a store at rest and over a running gateway, and only while nobody
// administers.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { runVerb } from '../../../gateway/src/operate/run-verb.ts';
import { programArguments } from '../../../network/own-program.ts';
import { codeOf } from '../../suites/table.ts';
import { openOffice, PASSWORD } from './office.ts';
import type { Office } from './office.ts';

const MAIN = fileURLToPath(new URL('../../../gateway/src/main.ts', import.meta.url));
const run = promisify(execFile);

describe('gateway: the first administrator', function () {
  this.timeout(300_000);
  let office: Office;
  before(async () => {
    office = await openOffice();
  });
  after(() => office.close());

  const env = () => ({ MSP: 'P44', DATA_DIR: office.gateway.context.config.dataDir });
  const verb = (...args: string[]) =>
    runVerb('create-administrator', args, {
      ...{ env: env(), now: office.now },
      random: (length) => new Uint8Array(randomBytes(length)),
    });
  const json = async (...args: string[]) =>
    JSON.parse(await verb(...args, '--json')) as Readonly<Record<string, string | number>>;
  const activate = (name: string, invitation: unknown) =>
    office.send('post', '/v1/accounts/activation', {
      body: { name, invitation, password: PASSWORD },
    });
  const stopped = async <T>(task: () => Promise<T>): Promise<T> => {
    await office.gateway.stop();
    try {
      return await task();
    } finally {
      await office.reopen();
    }
  };

  it('is asked for by a name that is one', async () => {
    for (const args of [[], ['--name', 'a b'], ['wang.fang'], ['--name'], ['--nobody', 'x']]) {
      expect(await codeOf(verb(...args)), args.join(' ')).to.equal('CONFIG_INVALID');
    }
    expect(await verb('--help'))
      .to.include('--name <name>')
      .and.include('activation code');
    const call = { env: env(), now: office.now, random: (n: number) => new Uint8Array(n) };
    const elsewhere = runVerb('backup', ['x', '--name', 'wang.fang'], call);
    expect(await codeOf(elsewhere)).to.equal('CONFIG_INVALID');
    expect(await runVerb('--help', [], call)).to.include('create-administrator --name');
  });

  it('is invited over a store at rest, anew until somebody takes it over, and traced', async () => {
    const first = await stopped(() => json('--name', 'wang.fang'));
    expect(first).to.include({ name: 'wang.fang', expiresAt: office.now + 7 * 86_400 });
    const again = await stopped(() => json('--name', 'wang.fang'));
    expect(again['account']).to.equal(first['account']);
    expect(again['invitation']).to.not.equal(first['invitation']);
    expect((await activate('wang.fang', first['invitation'])).body.code).to.equal(
      'INVITATION_INVALID',
    );
    const { body } = await office.admin('get', '/v1/accounts');
    expect(body.accounts).to.have.length(1);
    expect(body.accounts[0]).to.deep.include({ roles: ['administrator'], state: 'invited' });
    const told = (await office.traced('account')).filter(({ actor }) => actor === 'operator');
    expect(told.map(({ detail }) => detail['change'])).to.deep.equal([
      ...['first-administrator', 'first-administrator'],
    ]);
    expect((await office.onDisk()).includes(String(again['invitation']).slice(4))).to.equal(false);
  });

  it('is invited of a running gateway too, in words for people, and works', async () => {
    const words = await verb('--name', 'wang.fang');
    const invitation = /zli_[0-9a-f]{32}/.exec(words)?.[0];
    expect(words).to.include('wang.fang').and.include('2027-01-22');
    expect((await activate('wang.fang', invitation)).status).to.equal(200);
    const cookie = await office.signIn('wang.fang');
    const order = { name: 'li.na', roles: ['officer'], scope: { divisions: 'all', types: 'all' } };
    const made = await office.send('post', '/v1/accounts', { cookie, body: order });
    expect(made.status).to.equal(201);
  });

  it('is made by nobody once there is one, nor of an account that is something else', async () => {
    const exists = await codeOf(stopped(() => verb('--name', 'zhao.min')));
    expect(exists).to.equal('ADMINISTRATOR_EXISTS');
    const running = verb('--name', 'zhao.min').catch((error: unknown) => String(error));
    expect(await running)
      .to.include('ORDER_FAILED')
      .and.include('ADMINISTRATOR_EXISTS');
    const { body } = await office.admin('get', '/v1/accounts');
    const mine = (body.accounts as { id: string; name: string }[]).find(
      ({ name }) => name === 'wang.fang',
    );
    await office.admin('post', `/v1/accounts/${mine?.id ?? ''}/changes`, { state: 'disabled' });
    expect(await codeOf(stopped(() => verb('--name', 'li.na')))).to.equal('ACCOUNT_EXISTS');
    expect(await codeOf(stopped(() => verb('--name', 'wang.fang')))).to.equal('ACCOUNT_EXISTS');
    expect(await verb('--name', 'zhao.min')).to.match(/zli_[0-9a-f]{32}/);
  });

  it('is a command with an exit code: 0 done, 1 refused, 2 asked wrongly', async () => {
    const command = async (...args: string[]) => {
      const main = [...programArguments(MAIN), 'create-administrator', ...args];
      const options = { env: { ...process.env, ...env() } };
      return run(process.execPath, main, options).then(
        ({ stdout, stderr }) => ({ exit: 0, stdout, stderr }),
        (error: unknown) => {
          const { code, stdout, stderr } = error as {
            code: number;
            stdout: string;
            stderr: string;
          };
          return { exit: code, stdout, stderr };
        },
      );
    };
    await stopped(async () => {
      const done = await command('--name', 'zhao.min', '--json');
      expect([done.exit, done.stderr]).to.deep.equal([0, '']);
      expect(JSON.parse(done.stdout)).to.include.keys('account', 'name', 'invitation', 'expiresAt');
      const refused = await command('--name', 'li.na');
      expect([refused.exit, refused.stdout]).to.deep.equal([1, '']);
      expect(refused.stderr).to.match(/^ACCOUNT_EXISTS/);
      expect((await command()).exit).to.equal(2);
    });
  });
});
