// SPDX-License-Identifier: Apache-2.0
// What answers have around their bodies: languages, tags, pages, deprecation, and the document that says so.
import { expect } from 'chai';
import express, { Router } from 'express';
import request from 'supertest';
import { z } from 'zod';
import { answerProblems } from '../../../gateway/src/middleware/problems.ts';
import { describeApi } from '../../../gateway/src/openapi.ts';
import { codesOf } from '../../../gateway/src/operation-codes.ts';
import { statusOfCode } from '../../../gateway/src/problem-codes.ts';
import { decodeCursor, encodeCursor } from '../../../gateway/src/cursor.ts';
import { defineOperation, serve } from '../../../gateway/src/routing.ts';
import { OPERATIONS } from '../../../gateway/src/schemas/operations.ts';
import { AUDIT, TOKENS } from '../call-app.ts';
import { freshDriver, issueDriving, openTestGateway, startProvinces } from '../support.ts';
import type { TestGateway, TestProvinces } from '../support.ts';

/** POSTs that take no Idempotency-Key, each with its reason. */
const WITHOUT_KEY: Readonly<Record<string, string>> = {
  '/v1/licences/search': 'reads: what it asks for must not stand in an address',
  '/v1/session':
    'an answer kept under a key would let in whoever shows the key, without a password',
  '/v1/session/end': 'a second one finds nothing to end',
  '/v1/session/password': 'each try counts as a guess, and the answer is a cookie',
  '/v1/session/second-factor': 'a second one replaces the first, which did not count yet',
  '/v1/session/second-factor/confirmation': 'a code counts once, and the answer is a cookie',
  '/v1/session/second-factor/removal': 'a code counts once, and the answer is a cookie',
  '/v1/accounts/activation':
    'nobody is signed in whose key it could be; the invitation counts once',
  '/v1/token': 'RFC 6749 has no such header; the assertion’s jti counts once',
};

describe('gateway, the door: answers', function () {
  this.timeout(300_000);
  let provinces: TestProvinces;
  let under: TestGateway;

  before(async () => {
    provinces = await startProvinces();
    under = await openTestGateway(provinces);
  });
  after(async () => {
    await under.stop();
    await provinces.close();
  });

  const get = (path: string) =>
    request(under.gateway.app)
      .get(path)
      .set('Authorization', `Bearer ${TOKENS.officer}`)
      .set('Purpose-Code', 'audit');

  it('are in the language that is asked for', async () => {
    const cases = [
      [undefined, 'en', 'There is nothing here'],
      ['zh-CN,zh;q=0.9,en;q=0.8', 'zh', '没有这个地址'],
      ['zh', 'zh', '没有这个地址'],
      ['en-GB', 'en', 'There is nothing here'],
      ['fr, zh;q=0.1', 'zh', '没有这个地址'],
      ['fr', 'en', 'There is nothing here'],
      ['zh;q=0.2, en;q=0.7', 'en', 'There is nothing here'],
    ] as const;
    for (const [wanted, language, title] of cases) {
      const call = get('/v1/nothing');
      const answer = await (wanted === undefined ? call : call.set('Accept-Language', wanted));
      expect(answer.headers['content-language'], wanted).to.equal(language);
      expect([answer.body.title, answer.body.code]).to.eql([title, 'ROUTE_UNKNOWN']);
      expect(answer.headers['vary']).to.equal('Accept-Language');
      expect(answer.body.detail === undefined, 'details are English').to.equal(language === 'zh');
    }
  });

  it('have headers that shut frames, sites, sniffing and caches out', async () => {
    const page = await request(under.gateway.app).get('/');
    const api = await get('/v1/session');
    for (const { headers } of [page, api]) {
      expect(headers).to.include({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'x-permitted-cross-domain-policies': 'none',
      });
      expect(headers).to.not.have.any.keys('x-powered-by', 'server');
    }
    expect(api.headers['content-security-policy']).to.include("default-src 'none'");
    expect(page.headers['content-security-policy']).to.not.include('unsafe-inline');
  });

  it('are for no other origin', async () => {
    for (const origin of ['https://other.example', 'null', 'http://127.0.0.1']) {
      const answer = await get('/v1/network').set('Origin', origin);
      const preflight = await request(under.gateway.app)
        .options('/v1/licences')
        .set('Origin', origin)
        .set('Access-Control-Request-Method', 'POST')
        .set('Access-Control-Request-Headers', 'authorization');
      expect([preflight.status, preflight.body.code]).to.eql([405, 'METHOD_UNKNOWN']);
      for (const { headers } of [answer, preflight]) {
        const names = Object.keys(headers);
        expect(names.filter((name) => name.startsWith('access-control-'))).to.eql([]);
      }
    }
  });

  it('are not sent again when they did not change', async () => {
    for (const path of ['/v1/network', '/v1/openapi.json']) {
      const first = await get(path);
      const tag = first.headers['etag'] ?? '';
      expect(first.headers['cache-control']).to.equal('private, no-cache');
      for (const known of [tag, `"x", ${tag}`, '*']) {
        const again = await get(path).set('If-None-Match', known);
        expect([again.status, again.text, again.headers['etag']]).to.eql([304, '', tag]);
      }
      expect((await get(path).set('If-None-Match', '"other"')).status).to.equal(200);
    }
  });

  it('of a licence have a tag on which a write can depend', async () => {
    const id = await issueDriving(under);
    const path = `/v1/licences/${id}`;
    const tagOf = async () => (await get(path)).headers['etag'] ?? '';
    const known = await get(path).set('If-None-Match', await tagOf());
    expect([known.status, known.text, known.headers['content-type']]).to.eql([304, '', undefined]);
    expect((await get(path).set('If-None-Match', '"other"')).status).to.equal(200);
    const change = (state: string, tag: string) =>
      under.call('post', `${path}/status`, {
        headers: { 'If-Match': tag },
        body: {
          ...{ state, class: state === 'valid' ? 'reinstated' : 'administrative' },
          ...{ reason: 'a reason', basis: 'an order' },
        },
      });
    const first = await tagOf();
    expect(await tagOf()).to.equal(first);
    expect((await get(path)).headers['cache-control']).to.equal('no-store');
    expect((await change('suspended', first)).status).to.equal(200);
    const refused = await change('revoked', first);
    expect([refused.status, refused.body.code]).to.eql([412, 'VERSION_CHANGED']);
    expect((await under.call('get', path, AUDIT)).body.state).to.equal('suspended');
    const fields = freshDriver();
    const stale = { headers: { 'If-Match': first }, body: { fields } };
    expect((await under.call('post', `${path}/reissue`, stale)).status).to.equal(412);
    const both = await Promise.all(
      [await tagOf(), await tagOf()].map((tag) => change('valid', tag)),
    );
    expect(both.map(({ status }) => status).sort()).to.eql([200, 412]);
  });

  it('of lists come by pages, whose cursors are their own', async () => {
    const fields = freshDriver();
    const first = await issueDriving(under, fields);
    await under.call('post', `/v1/licences/${first}/status`, {
      body: { state: 'revoked', class: 'error', reason: 'a reason', basis: 'an order' },
    });
    await issueDriving(under, fields);
    const search = (page: object) =>
      under.call('post', '/v1/licences/search', {
        ...AUDIT,
        body: { type: 'driving', subject: fields['licenceNo'], ...page },
      });
    const { body: all } = await search({});
    expect(all.licences).to.have.length(2);
    expect(all.next).to.equal(undefined);
    const { body: one } = await search({ limit: 1 });
    const { body: two } = await search({ limit: 1, after: one.next });
    expect([...one.licences, ...two.licences]).to.eql(all.licences);
    expect(two.next).to.equal(undefined);
    for (const after of [
      'AAAA',
      encodeCursor('recognitions', 'x'),
      encodeCursor('licences', '../'),
    ]) {
      const refused = await search({ after });
      expect([refused.status, refused.body.code]).to.eql([400, 'REQUEST_INVALID']);
    }
    expect(decodeCursor('a', encodeCursor('a', 'b/1'), /^b\/\d$/)).to.equal('b/1');
  });

  it('tell of an operation that will go', async () => {
    const link = 'https://gateway.example/docs/api';
    const planted = defineOperation({
      method: 'get',
      path: '/v1/network',
      summary: 'As it was',
      access: 'open',
      deprecated: { since: 1_790_000_000, sunset: 1_830_000_000, link },
      answers: { 200: z.strictObject({ old: z.literal(true) }) },
      codes: [],
    });
    const router = Router();
    const { context } = under.gateway;
    serve(router, context, planted, () => Promise.resolve({ status: 200, body: { old: true } }));
    const app = express().use(router, answerProblems(context.log, context.metrics));
    const { headers } = await request(app).get('/v1/network');
    expect(headers).to.include({
      deprecation: '@1790000000',
      sunset: 'Tue, 28 Dec 2027 13:20:00 GMT',
      link: `<${link}>; rel="deprecation"`,
    });
    const described = JSON.stringify(describeApi([planted]));
    expect(described).to.include('"deprecated":true').and.to.include('Sunset');
    expect(JSON.stringify(describeApi())).to.not.include('"deprecated":true');
  });

  it('of every POST that writes are kept under a key', () => {
    const without = OPERATIONS.filter(({ method, idempotent }) => method === 'post' && !idempotent);
    expect(without.map(({ path }) => path)).to.have.members(Object.keys(WITHOUT_KEY));
  });

  it('are all described: every code by status, every header field', async () => {
    const { body } = await get('/v1/openapi.json');
    for (const operation of OPERATIONS) {
      const { method, path, tagged, versioned, cached } = operation;
      const described = body.paths[path.replaceAll(/:(\w+)/g, '{$1}')][method];
      for (const code of codesOf(operation)) {
        const answer = described.responses[String(statusOfCode(code))];
        const isOwn = String(statusOfCode(code)) in operation.answers;
        if (!isOwn) expect(answer.description.split(', '), `${path} ${code}`).to.include(code);
      }
      const fields = JSON.stringify(described.parameters ?? []);
      if (versioned === true) expect(fields, path).to.include('If-Match');
      if (cached === true || tagged === true) {
        expect(fields, path).to.include('If-None-Match');
        expect(described.responses, path).to.have.property('304');
      }
      if (tagged === true) expect(described.responses['200'].headers).to.have.property('ETag');
      expect(described.responses['429'].headers).to.have.property('Retry-After');
      expect(described.responses['500'].headers).to.have.property('Content-Language');
    }
  });
});
