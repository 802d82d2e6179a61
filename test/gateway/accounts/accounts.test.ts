// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import { ALL, openOffice, PASSWORD } from './office.ts';
import type { Office } from './office.ts';

describe('gateway: accounts', function () {
  this.timeout(300_000);
  let office: Office;
  before(async () => {
    office = await openOffice();
  });
  after(() => office.close());

  const activate = (name: string, invitation: string, password = PASSWORD) =>
    office.send('post', '/v1/accounts/activation', { body: { name, invitation, password } });
  const codeOf = ({ status, body }: { status: number; body: { code?: string } }) => [
    status,
    body.code,
  ];

  it('are made by an administrator and taken over with an invitation, once', async () => {
    const order = { name: 'wang.fang', roles: ['officer'], scope: ALL };
    const made = await office.admin('post', '/v1/accounts', order);
    expect(made.status).to.equal(201);
    expect(made.body.expiresAt).to.equal(office.now + 7 * 86_400);
    const { invitation } = made.body;
    const twice = await office.admin('post', '/v1/accounts', { ...order, name: 'WANG.FANG' });
    expect(codeOf(twice)).to.deep.equal([409, 'ACCOUNT_EXISTS']);
    expect(codeOf(await activate('wang.fang', 'zli_no'))).to.deep.equal([
      401,
      'INVITATION_INVALID',
    ]);
    expect(codeOf(await activate('nobody', invitation))).to.deep.equal([401, 'INVITATION_INVALID']);
    expect(codeOf(await activate('wang.fang', invitation, 'short'))).to.deep.equal([
      ...[400, 'PASSWORD_WEAK'],
    ]);
    expect((await activate('wang.fang', invitation)).status).to.equal(200);
    expect(codeOf(await activate('wang.fang', invitation))).to.deep.equal([
      ...[401, 'INVITATION_INVALID'],
    ]);
    const { body } = await office.admin('get', '/v1/accounts');
    expect(body.accounts).to.have.length(1);
    expect(body.accounts[0]).to.include({
      name: 'wang.fang',
      state: 'active',
      secondFactor: false,
    });
    expect(JSON.stringify(body)).to.not.match(/argon2|zli_/);
  });

  it('let an invitation run out after a week', async () => {
    const order = { name: 'li.na', roles: ['clerk'], scope: ALL };
    const { body } = await office.admin('post', '/v1/accounts', order);
    office.now += 7 * 86_400;
    expect(codeOf(await activate('li.na', body.invitation))).to.deep.equal([
      ...[401, 'INVITATION_INVALID'],
    ]);
    const anew = await office.admin('post', `/v1/accounts/${body.id}/recovery`);
    expect((await activate('li.na', anew.body.invitation)).status).to.equal(200);
  });

  it('are recovered by an administrator: password, second factor and sessions go', async () => {
    const id = await office.person('zhao.min', ['officer']);
    const cookie = await office.signIn('zhao.min');
    const { body } = await office.admin('post', `/v1/accounts/${id}/recovery`);
    expect((await office.send('get', '/v1/session', { cookie })).status).to.equal(401);
    const old = { name: 'zhao.min', password: PASSWORD };
    expect((await office.send('post', '/v1/session', { body: old })).status).to.equal(401);
    // An invited account has no password to be activated with.
    const active = await office.admin('post', `/v1/accounts/${id}/changes`, { state: 'active' });
    expect(active.body.state).to.equal('invited');
    expect((await activate('zhao.min', body.invitation)).status).to.equal(200);
    expect(await office.signIn('zhao.min')).to.match(/^zl=/);
  });

  it('of administrators are changed by another one', async () => {
    const id = await office.person('chen.jie', ['administrator']);
    const cookie = await office.signIn('chen.jie');
    for (const path of ['changes', 'recovery']) {
      const body = path === 'changes' ? { state: 'disabled' } : undefined;
      const own = await office.send('post', `/v1/accounts/${id}/${path}`, { cookie, body });
      expect(codeOf(own)).to.deep.equal([409, 'ACCOUNT_OWN']);
    }
    const unknown = `/v1/accounts/${'0'.repeat(32)}/recovery`;
    const none = await office.send('post', unknown, { cookie });
    expect(codeOf(none)).to.deep.equal([404, 'ACCOUNT_UNKNOWN']);
  });

  it('of a narrow administrator reach no further than he does', async () => {
    const scope = { divisions: ['4401'], types: ['driving'] };
    await office.person('wu.lei', ['administrator'], scope);
    const cookie = await office.signIn('wu.lei');
    const wide = await office.person('he.ping', ['officer']);
    const post = (path: string, body: unknown) => office.send('post', path, { cookie, body });
    const order = { name: 'ma.li', roles: ['officer'] };
    const keys = [{ kty: 'OKP', crv: 'Ed25519', x: 'AAAA', kid: 'k1' }];
    const client = await office.admin('post', '/v1/clients', { ...order, scope: ALL, keys });
    const denied = [
      await post('/v1/accounts', { ...order, scope: ALL }),
      await post('/v1/accounts', { ...order, scope: { ...scope, divisions: ['44'] } }),
      await post('/v1/accounts', { ...order, scope: { ...scope, types: ['business'] } }),
      await post(`/v1/accounts/${wide}/changes`, { state: 'disabled' }),
      await post(`/v1/accounts/${wide}/recovery`, {}),
      await post('/v1/clients', { ...order, scope: ALL, keys }),
      await post(`/v1/clients/${client.body.client.id}/disabling`, {}),
    ];
    for (const each of denied) expect(codeOf(each)).to.deep.equal([403, 'SCOPE_DENIED']);
    const mine = await post('/v1/accounts', {
      ...order,
      scope: { ...scope, divisions: ['440106'] },
    });
    expect(mine.status).to.equal(201);
    const wider = await post(`/v1/accounts/${mine.body.id}/changes`, { scope: ALL });
    expect(codeOf(wider)).to.deep.equal([403, 'SCOPE_DENIED']);
  });

  it('are made once under a key, whose answer is kept sealed and goes with the scope', async () => {
    const { body: who } = await office.admin('post', '/v1/accounts', {
      ...{ name: 'gao.jun', roles: ['administrator'], scope: ALL },
    });
    await activate('gao.jun', who.invitation);
    const cookie = await office.signIn('gao.jun');
    const headers = { 'Idempotency-Key': 'one-account-once' };
    const body = { name: 'fan.li', roles: ['officer'], scope: ALL };
    const make = (as: string, order = body) =>
      office.send('post', '/v1/accounts', { cookie: as, body: order, headers });
    const first = await make(cookie);
    expect(first.status).to.equal(201);
    expect((await make(cookie)).body).to.deep.equal(first.body);
    const other = await make(cookie, { ...body, roles: ['clerk'] });
    expect(codeOf(other)).to.deep.equal([409, 'IDEMPOTENCY_MISMATCH']);
    const kept = await office.onDisk();
    expect(kept.length).to.be.greaterThan(1000);
    expect(kept.includes(first.body.invitation.slice(4)), 'an invitation on the disk').to.equal(
      false,
    );
    await office.admin('post', `/v1/accounts/${who.id}/changes`, {
      scope: { divisions: ['4401'], types: 'all' },
    });
    const narrower = await office.signIn('gao.jun');
    expect(codeOf(await make(narrower))).to.deep.equal([403, 'SCOPE_DENIED']);
  });

  it('have names, roles and scopes of a form', async () => {
    const good = { name: 'sun.hao', roles: ['clerk'], scope: ALL };
    const bad = [
      { ...good, name: 'a b' },
      { ...good, roles: [] },
      { ...good, roles: ['machine'] },
      { ...good, roles: ['king'] },
      { ...good, scope: { divisions: ['440'], types: 'all' } },
      { ...good, scope: { divisions: [], types: 'all' } },
    ];
    for (const order of bad) {
      const refused = await office.admin('post', '/v1/accounts', order);
      expect(codeOf(refused), JSON.stringify(order)).to.deep.equal([400, 'REQUEST_INVALID']);
    }
  });

  it('are in the trace with every change, and by no name', async () => {
    const entries = await office.traced('account');
    const changes = new Set(entries.map(({ detail }) => detail['change']));
    expect([...changes]).to.include.members(['create', 'activate', 'recover', 'active']);
    expect(entries.every(({ outcome }) => outcome === 'done')).to.equal(true);
    const words = JSON.stringify(entries) + office.logs.join();
    for (const name of ['wang.fang', 'li.na', 'zhao.min']) expect(words).to.not.include(name);
  });
});
