// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import request from 'supertest';
import { ROLES } from '../../gateway/src/accounts/principal.ts';
import { PURPOSE_CODES } from '../../gateway/src/purposes.ts';
import { GATEWAY_CODES, statusOfCode } from '../../gateway/src/problem-codes.ts';
import { OPERATIONS } from '../../gateway/src/schemas/operations.ts';
import { AUDIT, TOKENS } from './call-app.ts';
import { freshDriver, openTestGateway, startProvinces } from './support.ts';
import type { TestGateway, TestProvinces } from './support.ts';

const NOBODY = '0'.repeat(32);

describe('gateway: what all routes share', function () {
  this.timeout(120_000);
  let provinces: TestProvinces;
  let under: TestGateway;
  let regulator: TestGateway;
  let pageDir: string;

  before(async () => {
    pageDir = await mkdtemp(join(tmpdir(), 'zhenglian-page-'));
    await writeFile(join(pageDir, 'index.html'), '<!doctype html><title>page</title>');
    provinces = await startProvinces();
    under = await openTestGateway(provinces, { pageDir });
    regulator = await openTestGateway(provinces, { msp: 'REG', readOnly: true });
  });
  after(async () => {
    await under.stop();
    await regulator.stop();
    await provinces.close();
    await rm(pageDir, { recursive: true, force: true });
  });

  it('demands a token and its role on every route that is not open', async () => {
    for (const { method, path, access } of OPERATIONS) {
      if (access === 'open') continue;
      const address = path.replace(':id', NOBODY);
      const without = await under.call(method, address, { as: 'nobody' });
      expect([without.status, without.body.code], path).to.deep.equal([401, 'TOKEN_INVALID']);
      const wrong = await request(under.gateway.app)
        [method](address)
        .set('Authorization', `Bearer ${TOKENS.officer}x`);
      expect(wrong.status, path).to.equal(401);
      const role = ROLES.find((r) => !access.includes(r));
      if (role === undefined) continue;
      const denied = await under.call(method, address, { as: role });
      expect([denied.status, denied.body.code], path).to.deep.equal([403, 'ROLE_DENIED']);
    }
  });

  it('tells the role of a token', async () => {
    for (const as of ROLES) {
      const { status, body } = await under.call('get', '/v1/session', { as });
      expect([status, body.role, body.roles, body.how]).to.deep.equal([200, as, [as], 'token']);
      expect(body.scope).to.deep.equal({ divisions: 'all', types: 'all' });
    }
  });

  it('demands a known purpose where one is due', async () => {
    for (const { method, path, purpose, access, issuing } of OPERATIONS) {
      if (purpose !== true || access === 'open') continue;
      const as = access[0] ?? 'officer';
      const address = path.replace(':id', NOBODY);
      expect(issuing === true || access.length > 0).to.equal(true);
      for (const headers of [{}, { 'Purpose-Code': 'curiosity' }]) {
        const refused = await under.call(method, address, { as, headers });
        expect([refused.status, refused.body.code], path).to.deep.equal([400, 'PURPOSE_REQUIRED']);
      }
    }
    expect(PURPOSE_CODES).to.have.length(7);
  });

  it('issues nothing on a read-only gateway', async () => {
    for (const { method, path, access, issuing } of OPERATIONS) {
      if (issuing !== true || access === 'open') continue;
      const as = access[0] ?? 'officer';
      const refused = await regulator.call(method, path.replace(':id', NOBODY), { ...AUDIT, as });
      expect([refused.status, refused.body.code], path).to.deep.equal([403, 'READ_ONLY']);
    }
  });

  it('answers malformed bodies with codes and without repeating them', async () => {
    const post = (raw: { type: string; bytes: string }) =>
      under.call('post', '/v1/licences', { raw });
    const json = 'application/json';
    const secret = '张三丰';
    const cases = [
      [{ type: json, bytes: `{"type": "${secret}` }, 400, 'BODY_MALFORMED'],
      [{ type: json, bytes: `"${secret}"` }, 400, 'BODY_MALFORMED'],
      [{ type: json, bytes: `{"type": "driving", "fields": "${secret}"}` }, 400, 'REQUEST_INVALID'],
      [
        { type: json, bytes: `{"type": "driving", "fields": {}, "x": "${secret}"}` },
        400,
        'REQUEST_INVALID',
      ],
      [{ type: json, bytes: `{"fields": {"name": ["${secret}"]}}` }, 400, 'REQUEST_INVALID'],
      [{ type: json, bytes: `${'['.repeat(10_000)}${']'.repeat(10_000)}` }, 400, 'REQUEST_INVALID'],
      [{ type: json, bytes: `{"type": "${'a'.repeat(1 << 20)}"}` }, 413, 'BODY_TOO_LARGE'],
      [{ type: 'text/plain', bytes: secret }, 415, 'MEDIA_TYPE'],
    ] as const;
    for (const [raw, status, code] of cases) {
      const { status: got, body } = await post(raw);
      expect([got, body.code], raw.bytes.slice(0, 60)).to.deep.equal([status, code]);
      expect(JSON.stringify(body)).to.not.include(secret);
    }
    const path = await under.call('get', '/v1/licences/not-an-id', AUDIT);
    expect(path.body.problems).to.deep.equal([{ path: 'path.id', reason: 'invalid_format' }]);
    const bad = await request(under.gateway.app).get('/v1/licences/%zz').set(auth());
    expect([bad.status, bad.body.code]).to.deep.equal([400, 'REQUEST_INVALID']);
  });

  it('knows no other route', async () => {
    for (const path of ['/v1/nothing', '/v2', '/v1/licences/a/b/c']) {
      const { status, body } = await under.call('get', path);
      expect([status, body.code], path).to.deep.equal([404, 'ROUTE_UNKNOWN']);
    }
  });

  it('sets the headers that keep page and answers in their place', async () => {
    const page = await request(under.gateway.app).get('/');
    expect(page.text).to.include('<title>page</title>');
    expect(page.headers['content-security-policy']).to.include("default-src 'self'");
    expect(page.headers['content-security-policy']).to.include("frame-ancestors 'none'");
    expect(page.headers).to.not.have.property('x-powered-by');
    const answer = await request(under.gateway.app).get('/v1/session');
    expect(answer.headers['cache-control']).to.equal('no-store');
    expect(answer.headers['x-content-type-options']).to.equal('nosniff');
    const problem = await request(under.gateway.app).get('/v1/licences/x');
    expect(problem.headers['content-type']).to.include('application/problem+json');
  });

  it('tells its health, its readiness and its network', async () => {
    expect((await under.call('get', '/healthz', { as: 'nobody' })).body.alive).to.equal(true);
    expect((await under.call('get', '/readyz', { as: 'nobody' })).body).to.deep.equal({
      ready: true,
    });
    const { body } = await under.call('get', '/v1/network', { as: 'nobody' });
    expect(body.msp).to.equal('P44');
    expect(body.networkId).to.equal(provinces.network.fingerprint);
    expect(body.types.map((t: { code: string }) => t.code)).to.have.members([
      'resident-id',
      'business',
      'driving',
    ]);
    expect(body.acts.map((a: { act: string }) => a.act)).to.include('general');
  });

  it('describes every operation in OpenAPI 3.1', async () => {
    const { body } = await under.call('get', '/v1/openapi.json', { as: 'nobody' });
    expect(body.openapi).to.equal('3.1.0');
    for (const { method, path, answers, access } of OPERATIONS) {
      const described = body.paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method];
      expect(described, path).to.not.equal(undefined);
      for (const status of Object.keys(answers)) {
        expect(described.responses, path).to.have.property(status);
      }
      expect(described.security !== undefined, path).to.equal(access !== 'open');
    }
  });

  it('names only codes that have a status', () => {
    for (const { path, codes } of OPERATIONS) {
      for (const code of codes) expect(statusOfCode(code), `${path} ${code}`).to.be.a('number');
    }
    expect(GATEWAY_CODES).to.include('INTERNAL');
    expect(statusOfCode('BATCH_ROOT')).to.equal(undefined);
  });

  it('refuses a type that no authority here issues', async () => {
    const narrow = await openTestGateway(provinces, {
      msp: 'P33',
      authorities: [{ uscc: '0'.repeat(18), types: ['driving'] }],
    });
    try {
      const refused = await narrow.call('post', '/v1/licences', {
        body: { type: 'driving', fields: freshDriver() },
      });
      expect([refused.status, refused.body.code]).to.deep.equal([404, 'TYPE_NOT_ISSUED']);
    } finally {
      await narrow.stop();
    }
  });
});

function auth() {
  return { Authorization: `Bearer ${TOKENS.officer}`, 'Purpose-Code': 'audit' };
}
