// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import { cookieOf, openOffice, PASSWORD } from './office.ts';
import type { Office, Sent } from './office.ts';

describe('gateway: sessions of pages', function () {
  this.timeout(300_000);
  let office: Office;
  let account: string;
  before(async () => {
    office = await openOffice();
    account = await office.person('wang.fang', ['officer']);
  });
  after(() => office.close());

  const look = async (cookie: string) => office.send('get', '/v1/session', { cookie });
  const end = (cookie: string, more: Sent = {}) =>
    office.send('post', '/v1/session/end', { cookie, body: {}, ...more });

  it('survive a restart', async () => {
    const cookie = await office.signIn('wang.fang');
    await office.restart();
    expect((await look(cookie)).status).to.equal(200);
  });

  it('are stored as digests only', async () => {
    const cookie = await office.signIn('wang.fang');
    const id = cookie.split('=')[1] ?? '';
    const { sessions } = office.gateway.context.accounts;
    expect(await sessions.read(id)).to.not.equal(undefined);
    expect(await sessions.read('0'.repeat(64))).to.equal(undefined);
    expect((await look(`zl=${'0'.repeat(64)}`)).status).to.equal(401);
    expect((await look('zl=nonsense')).status).to.equal(401);
  });

  it('end when nobody uses them, and after half a day in any case', async () => {
    const idle = await office.signIn('wang.fang');
    office.now += 1799;
    const used = cookieOf(await look(idle));
    office.now += 1800;
    expect((await look(used)).status).to.equal(401);
    let cookie = await office.signIn('wang.fang');
    for (let passed = 0; passed < 43_200; passed += 1200) {
      const seen = await look(cookie);
      expect(seen.status).to.equal(200);
      if (seen.cookies.length > 0) cookie = cookieOf(seen);
      office.now += 1200;
    }
    expect((await look(cookie)).status).to.equal(401);
  });

  it('change their id every quarter of an hour; the old one works a minute longer', async () => {
    const first = await office.signIn('wang.fang');
    office.now += 899;
    expect((await look(first)).cookies).to.deep.equal([]);
    office.now += 1;
    const turned = await look(first);
    const second = cookieOf(turned);
    expect(second).to.not.equal(first);
    office.now += 60;
    expect((await look(first)).status).to.equal(200);
    expect((await look(second)).status).to.equal(200);
  });

  it('change it under the name with the Host prefix where that is the browser’s, also on a GET', async () => {
    const headers = { Origin: 'https://licences.example', Host: 'licences.example' };
    const body = { name: 'wang.fang', password: PASSWORD };
    const cookie = cookieOf(await office.send('post', '/v1/session', { body, headers }));
    office.now += 900;
    const turned = await look(cookie);
    expect(turned.cookies[0]).to.match(/^__Host-zl=[0-9a-f]{64};.*Secure/);
  });

  it('end for thief and owner alike when an old id is used again', async () => {
    const first = await office.signIn('wang.fang');
    office.now += 900;
    const second = cookieOf(await look(first));
    office.now += 61;
    expect((await look(first)).status).to.equal(401);
    expect((await look(second)).status).to.equal(401);
    const [last] = (await office.traced('sign-out')).slice(-1);
    expect(last?.outcome).to.equal('SESSION_REUSED');
  });

  it('end by signing out, here or everywhere', async () => {
    const [here, there] = [await office.signIn('wang.fang'), await office.signIn('wang.fang')];
    const ended = await end(here);
    expect(ended.status).to.equal(200);
    expect(ended.cookies[0]).to.match(/^zl=;/);
    expect((await look(here)).status).to.equal(401);
    expect((await look(there)).status).to.equal(200);
    const other = await office.signIn('wang.fang');
    await end(other, { body: { everywhere: true } });
    expect((await look(there)).status).to.equal(401);
    const outs = await office.traced('sign-out');
    expect(outs.map(({ detail }) => detail['how'])).to.include.members(['here', 'everywhere']);
    const token = { token: 'zlt_officer-of-the-tests', body: {} };
    const none = await office.send('post', '/v1/session/end', token);
    expect([none.status, none.body.code]).to.deep.equal([403, 'SESSION_NEEDED']);
  });

  it('get another id when rights change, and all others end', async () => {
    const [mine, other] = [await office.signIn('wang.fang'), await office.signIn('wang.fang')];
    const set = (cookie: string, current: string, password: string) =>
      office.send('post', '/v1/session/password', { cookie, body: { current, password } });
    const fresh = `another ${PASSWORD}`;
    expect((await set(mine, 'not mine', fresh)).body.code).to.equal('SIGN_IN_WRONG');
    for (const weak of ['too short', 'long but wang.fang is in it']) {
      expect((await set(mine, PASSWORD, weak)).body.code).to.equal('PASSWORD_WEAK');
    }
    const changed = await set(mine, PASSWORD, fresh);
    expect(changed.status).to.equal(200);
    expect((await look(other)).status).to.equal(401);
    expect((await look(mine)).status).to.equal(401);
    expect((await look(cookieOf(changed))).status).to.equal(200);
    await set(cookieOf(changed), fresh, PASSWORD);
  });

  it('end when an administrator changes the account', async () => {
    const cookie = await office.signIn('wang.fang');
    const scope = { divisions: ['4401'], types: ['driving'] };
    const path = `/v1/accounts/${account}/changes`;
    const changed = await office.admin('post', path, { roles: ['clerk'], scope });
    expect(changed.body).to.deep.include({ roles: ['clerk'], scope, state: 'active' });
    expect((await look(cookie)).status).to.equal(401);
    const again = await look(await office.signIn('wang.fang'));
    expect(again.body).to.deep.include({ role: 'clerk', scope });
    await office.admin('post', path, {
      roles: ['officer'],
      scope: { divisions: 'all', types: 'all' },
    });
  });

  it('change nothing for another site', async () => {
    const cookie = await office.signIn('wang.fang');
    const foreign: readonly Sent[] = [
      { headers: { 'Sec-Fetch-Site': 'cross-site' } },
      { headers: { 'Sec-Fetch-Site': 'same-site' } },
      { headers: { Origin: 'https://evil.example' } },
      { headers: { Origin: 'null' } },
      { headers: { 'zhenglian-page': '' } },
    ];
    const { actor } = (await look(cookie)).body;
    for (const more of foreign) {
      const refused = await end(cookie, more);
      expect([refused.status, refused.body.code]).to.deep.equal([403, 'CSRF_REFUSED']);
    }
    // A cookie of nobody is refused alike and is nothing to write down.
    const none = await end(`zl=${'0'.repeat(64)}`, { headers: { Origin: 'null' } });
    expect([none.status, none.body.code]).to.deep.equal([403, 'CSRF_REFUSED']);
    const told = (await office.traced('denial')).filter((each) => each.outcome === 'CSRF_REFUSED');
    expect(told.map((each) => [each.actor, each.detail])).to.deep.equal(
      foreign.map(() => [actor, { operation: 'post /v1/session/end' }]),
    );
    // A look from another site sees nobody, and no denial can be provoked.
    const headers = { 'Sec-Fetch-Site': 'cross-site' };
    const blind = await office.send('get', '/v1/session', { cookie, headers });
    expect(blind.status).to.equal(401);
    expect((await look(cookie)).status).to.equal(200);
    expect((await end(cookie, { headers: { 'Sec-Fetch-Site': 'same-origin' } })).status).to.equal(
      200,
    );
  });

  it('of others, vouched for from outside, have no account to change', async () => {
    const { sessions } = office.gateway.context.accounts;
    const vouched = {
      actor: 'oidc-0123456789ab',
      roles: ['clerk'] as const,
      scope: { divisions: 'all', types: 'all' } as const,
    };
    const cookie = `zl=${await sessions.open(vouched)}`;
    const who = await look(cookie);
    expect(who.body).to.include({ role: 'clerk', how: 'oidc', actor: vouched.actor });
    const refused = await office.send('post', '/v1/session/second-factor', { cookie });
    expect([refused.status, refused.body.code]).to.deep.equal([403, 'SESSION_NEEDED']);
    expect((await end(cookie, { body: { everywhere: true } })).status).to.equal(200);
    expect((await look(cookie)).status).to.equal(401);
  });

  it('are forgotten when they are over', async () => {
    const cookie = await office.signIn('wang.fang');
    office.now += 43_201;
    await office.gateway.context.accounts.forget();
    office.now -= 43_201;
    expect((await look(cookie)).status).to.equal(401);
  });
});
