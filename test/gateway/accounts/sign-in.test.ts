// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import { isCodedError } from '@zhenglian/core/errors';
import { codeOfStep } from '../../../gateway/src/accounts/totp.ts';
import { cookieOf, openOffice, PASSWORD } from './office.ts';
import type { Office } from './office.ts';
import { fromBase32 } from './base32.ts';

describe('gateway: signing in', function () {
  this.timeout(300_000);
  let office: Office;
  before(async () => {
    office = await openOffice();
  });
  after(() => office.close());

  const trySignIn = async (name: string, password: string, code?: string) => {
    const body = { name, password, ...(code === undefined ? {} : { code }) };
    const answer = await office.send('post', '/v1/session', { body });
    return { status: answer.status, code: answer.body.code as string | undefined, answer };
  };

  it('tells who somebody is by a cookie that scripts and other sites do not get', async () => {
    await office.person('wang.fang', ['officer', 'clerk']);
    const { status, answer } = await trySignIn('Wang.Fang', PASSWORD);
    expect(status).to.equal(200);
    expect(answer.cookies).to.have.length(1);
    for (const word of ['HttpOnly', 'SameSite=Strict', 'Path=/']) {
      expect(answer.cookies[0]).to.include(word);
    }
    expect(answer.cookies[0]).to.match(/^zl=[0-9a-f]{64};/);
    expect(answer.cookies[0]).to.not.include('Domain');
    const who = await office.send('get', '/v1/session', { cookie: cookieOf(answer) });
    expect(who.body).to.include({ role: 'officer', how: 'session', name: 'wang.fang' });
    expect(who.body.roles).to.deep.equal(['officer', 'clerk']);
    expect(JSON.stringify(who.body)).to.not.include(PASSWORD);
  });

  it('uses a name with the Host prefix where the browser is on HTTPS', async () => {
    const headers = { Origin: 'https://licences.example', Host: 'licences.example' };
    const body = { name: 'wang.fang', password: PASSWORD };
    const answer = await office.send('post', '/v1/session', { body, headers });
    expect(answer.cookies[0]).to.match(/^__Host-zl=[0-9a-f]{64};/);
    expect(answer.cookies[0]).to.include('Secure');
    const who = await office.send('get', '/v1/session', { cookie: cookieOf(answer) });
    expect(who.status).to.equal(200);
  });

  it('gives one answer for everything that can be wrong', async () => {
    const id = await office.person('li.na', ['clerk']);
    const invited = {
      name: 'zhao.min',
      roles: ['clerk'],
      scope: { divisions: 'all', types: 'all' },
    };
    await office.admin('post', '/v1/accounts', invited);
    const wrong = [
      await trySignIn('nobody.here', PASSWORD),
      await trySignIn('li.na', 'a wrong password'),
      await trySignIn('zhao.min', PASSWORD),
    ];
    await office.admin('post', `/v1/accounts/${id}/changes`, { state: 'disabled' });
    wrong.push(await trySignIn('li.na', PASSWORD));
    const answers = wrong.map(({ answer }) =>
      JSON.stringify({ ...answer.body, requestId: undefined }),
    );
    expect(new Set(answers).size).to.equal(1);
    expect([wrong[0]?.status, wrong[0]?.code]).to.deep.equal([401, 'SIGN_IN_WRONG']);
    await office.admin('post', `/v1/accounts/${id}/changes`, { state: 'active' });
    expect((await trySignIn('li.na', PASSWORD)).status).to.equal(200);
  });

  it('demands the code of a second factor, once', async () => {
    await office.person('chen.jie', ['officer']);
    const cookie = await office.signIn('chen.jie');
    const offered = await office.send('post', '/v1/session/second-factor', { cookie });
    const secret = fromBase32(offered.body.secret);
    expect(offered.body.uri).to.include('otpauth://totp/').and.include(offered.body.secret);
    const codeNow = () => codeOfStep(secret, Math.floor(office.now / 30));
    const confirm = (code: string) =>
      office.send('post', '/v1/session/second-factor/confirmation', { cookie, body: { code } });
    const wrongCode = codeNow() === '000000' ? '000001' : '000000';
    expect((await confirm(wrongCode)).body.code).to.equal('SIGN_IN_WRONG');
    // It does not count before it is confirmed.
    expect((await trySignIn('chen.jie', PASSWORD)).status).to.equal(200);
    const confirmed = await confirm(codeNow());
    expect(confirmed.status).to.equal(200);
    expect((await trySignIn('chen.jie', PASSWORD)).code).to.equal('SIGN_IN_WRONG');
    // The code that confirmed was used.
    expect((await trySignIn('chen.jie', PASSWORD, codeNow())).code).to.equal('SIGN_IN_WRONG');
    office.now += 30;
    expect((await trySignIn('chen.jie', PASSWORD, codeNow())).status).to.equal(200);
    expect((await trySignIn('chen.jie', PASSWORD, codeNow())).code).to.equal('SIGN_IN_WRONG');
    const again = { cookie: cookieOf(confirmed) };
    const twice = await office.send('post', '/v1/session/second-factor', again);
    expect([twice.status, twice.body.code]).to.deep.equal([409, 'FACTOR_EXISTS']);
  });

  it('gives a second factor up for password and code, and lets nobody guess them in a session', async () => {
    await office.person('feng.yi', ['officer']);
    let cookie = await office.signIn('feng.yi');
    const own = (path: string, body?: object) =>
      office.send('post', `/v1/session/second-factor${path}`, { cookie, body });
    const secondFactor = async () =>
      (await office.send('get', '/v1/session', { cookie })).body.secondFactor as boolean;
    const none = await own('/removal', { password: PASSWORD, code: '123456' });
    expect([none.status, none.body.code]).to.deep.equal([409, 'FACTOR_NONE']);
    const secret = fromBase32((await own('')).body.secret);
    const codeNow = () => codeOfStep(secret, Math.floor(office.now / 30));
    cookie = cookieOf(await own('/confirmation', { code: codeNow() }));
    expect(await secondFactor()).to.equal(true);
    office.now += 30;
    const wrong = await repeat(5, () => own('/removal', { password: 'a guess', code: codeNow() }));
    expect(wrong.map(({ body }) => body.code as string)).to.deep.equal(
      Array<string>(5).fill('SIGN_IN_WRONG'),
    );
    const waits = await own('/removal', { password: PASSWORD, code: codeNow() });
    expect([waits.status, waits.body.code]).to.deep.equal([429, 'SIGN_IN_WAIT']);
    expect(waits.headers['retry-after']).to.equal('2');
    const password = { current: PASSWORD, password: `another ${PASSWORD}` };
    const also = await office.send('post', '/v1/session/password', { cookie, body: password });
    expect(also.body.code).to.equal('SIGN_IN_WAIT');
    office.now += 30;
    const other = await office.signIn('feng.yi', { code: codeNow() });
    office.now += 30;
    const removed = await own('/removal', { password: PASSWORD, code: codeNow() });
    expect(removed.body).to.deep.equal({ removed: true });
    expect((await office.send('get', '/v1/session', { cookie: other })).status).to.equal(401);
    cookie = cookieOf(removed);
    expect(await secondFactor()).to.equal(false);
    expect((await trySignIn('feng.yi', PASSWORD)).status).to.equal(200);
    const changes = (await office.traced('account')).map(({ detail, outcome }) => [
      detail['change'],
      outcome,
    ]);
    expect(changes).to.deep.include(['second-factor-removal', 'done']);
    expect(changes).to.deep.include(['second-factor-removal', 'SIGN_IN_WRONG']);
  });

  it('takes tries of one pair one after the other, however many come at once', async () => {
    await office.person('tao.ran', ['clerk']);
    const tries = Array.from({ length: 12 }, () => trySignIn('tao.ran', 'a guess of many'));
    const codes = (await Promise.all(tries)).map(({ code }) => code);
    expect(codes.filter((code) => code === 'SIGN_IN_WRONG')).to.have.length(5);
    expect(codes.filter((code) => code === 'SIGN_IN_WAIT')).to.have.length(7);
  });

  it('lets a code count once when two come together', async () => {
    await office.person('sun.hao', ['officer']);
    const cookie = await office.signIn('sun.hao');
    const offered = await office.send('post', '/v1/session/second-factor', { cookie });
    const secret = fromBase32(offered.body.secret);
    const code = () => codeOfStep(secret, Math.floor(office.now / 30));
    const body = { code: code() };
    await office.send('post', '/v1/session/second-factor/confirmation', { cookie, body });
    office.now += 30;
    const both = await Promise.all([1, 2].map(() => trySignIn('sun.hao', PASSWORD, code())));
    expect(both.map(({ status }) => status).sort()).to.deep.equal([200, 401]);
  });

  it('makes who guesses wait, and nobody else', async () => {
    await office.person('zhou.yu', ['clerk']);
    const from = (address: string) => async (password: string) => {
      const attempt = { name: 'zhou.yu', password, address };
      return office.gateway.context.accounts.signIn(attempt).then(
        () => 'done',
        (error: unknown) => (isCodedError<string>(error) ? error.code : 'none'),
      );
    };
    const [stranger, owner] = [from('203.0.113.9'), from('198.51.100.7')];
    const guesses = await repeat(6, () => stranger('a guess of many'));
    expect(guesses).to.deep.equal([...Array<string>(5).fill('SIGN_IN_WRONG'), 'SIGN_IN_WAIT']);
    // Even the right password has to wait there; elsewhere it does not.
    expect(await stranger(PASSWORD)).to.equal('SIGN_IN_WAIT');
    expect(await owner(PASSWORD)).to.equal('done');
    office.now += 3;
    expect(await stranger('a guess of many')).to.equal('SIGN_IN_WRONG');
    expect(await stranger('a guess of many')).to.equal('SIGN_IN_WAIT');
    await office.restart();
    expect(await stranger(PASSWORD)).to.equal('SIGN_IN_WAIT');
    office.now += 900;
    expect(await stranger(PASSWORD)).to.equal('done');
    expect(await stranger('a slip')).to.equal('SIGN_IN_WRONG');
  });

  it('tells over HTTP how long to wait', async () => {
    await office.person('wu.lei', ['clerk']);
    await repeat(5, () => trySignIn('wu.lei', 'a guess of many'));
    const { status, answer } = await trySignIn('wu.lei', PASSWORD);
    expect([status, answer.body.code]).to.deep.equal([429, 'SIGN_IN_WAIT']);
    expect(answer.headers['retry-after']).to.equal('2');
  });

  it('is in the trace, with who and what came of it and no name', async () => {
    const entries = await office.traced('sign-in');
    const outcomes = new Set(entries.map(({ outcome }) => outcome));
    expect([...outcomes]).to.have.members(['done', 'SIGN_IN_WRONG']);
    expect(entries.some(({ actor }) => actor.startsWith('account-'))).to.equal(true);
    expect(entries.some(({ detail }) => detail['how'] === 'two-factors')).to.equal(true);
    const words = JSON.stringify(entries) + office.logs.join();
    for (const name of ['wang.fang', 'nobody.here', 'li.na', PASSWORD]) {
      expect(words).to.not.include(name);
    }
  });
});

async function repeat<T>(times: number, work: () => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  for (let i = 0; i < times; i += 1) done.push(await work());
  return done;
}
