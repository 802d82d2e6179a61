// SPDX-License-Identifier: Apache-2.0
// What an operator sees of a gateway that worked: metrics of a closed list, lines that can be joined, spans, and whether
// it is ready. Nothing of it may hold a word of a licence.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import request from 'supertest';
import { CodedError } from '@zhenglian/core/errors';
import type { Ledger } from '@zhenglian/network/ledger';
import { LABELS, METRICS } from '../../gateway/src/observing/metric-table.ts';
import { parseExposition } from '../support/exposition.ts';
import { AUDIT, COUNTER } from './call-app.ts';
import { rowOf } from './metric-row.ts';
import { spansOf } from './received-spans.ts';
import {
  anchored,
  eventually,
  freshDriver,
  GUANGDONG,
  openTestGateway,
  startProvinces,
} from './support.ts';
import type { TestGateway, TestProvinces } from './support.ts';

const ADMIN = { admin: { host: '127.0.0.1', port: 0 } };
/** Milliseconds: a busy machine is slow, not wrong. */
const PATIENCE = 90_000;
const HEX_ID = /^[0-9a-f]{32}$/;

describe('gateway: observability', function () {
  this.timeout(400_000);
  let provinces: TestProvinces;
  let under: TestGateway;
  let admin: string;
  const personal: string[] = [];

  before(async () => {
    provinces = await startProvinces();
    under = await openTestGateway(provinces, { observing: ADMIN });
    const { adminPort } = await under.gateway.listen();
    admin = `http://127.0.0.1:${String(adminPort)}`;
  });
  after(async () => {
    await under.stop();
    await provinces.close();
  });

  const issue = async (on = under, headers = {}) => {
    const fields = freshDriver();
    personal.push(...Object.values(fields).filter((text) => text.length > 5));
    const body = { type: 'driving', fields };
    const answer = await on.call('post', '/v1/licences', { body, headers });
    expect(answer.status, JSON.stringify(answer.body)).to.equal(202);
    return answer.body as { readonly id: string; readonly number: string };
  };
  const verify = async (text: string) => {
    const body = { presentations: [text], act: 'general' };
    return (await under.call('post', '/v1/verifications', { ...COUNTER, body })).body.reports[0];
  };
  const scrape = async () => {
    const answer = await fetch(`${admin}/metrics`);
    expect(answer.headers.get('content-type')).to.match(/^text\/plain/);
    return answer.text();
  };
  const lines = (event: string) =>
    under.logs
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ msg }) => msg === event);

  it('exports after a full run a closed list of names and labels, and nothing personal', async () => {
    const { id, number } = await issue();
    personal.push(number);
    await anchored(under, id);
    const printed = (await under.call('get', `/v1/licences/${id}/code`, AUDIT)).body.text as string;
    // A slow machine's replica may have been level too long ago for a moment.
    await eventually(async () => {
      expect((await verify(printed)).verdict).to.equal('VALID');
    }, PATIENCE);
    expect((await verify('ZL1:000')).verdict).to.equal('INVALID');
    expect((await under.call('get', `/v1/licences/${id}`, { as: 'nobody' })).status).to.equal(401);
    expect((await under.call('post', '/v1/licences', { ...COUNTER, body: {} })).status).to.equal(
      403,
    );
    expect((await under.call('get', `/v1/${encodeURIComponent(number)}`)).status).to.equal(404);

    let text = '';
    await eventually(async () => {
      text = await scrape();
      expect(text).to.match(/^zhenglian_ready 1$/m);
    }, PATIENCE);
    for (const word of [...personal, printed.slice(4, 40), id]) expect(text).to.not.include(word);
    const { samples, types } = parseExposition(text);
    const ours = samples.filter(({ name }) => name.startsWith('zhenglian_'));
    for (const { name, labels } of ours) {
      const row = rowOf(name);
      expect(Object.keys(labels).filter((label) => label !== 'le')).to.have.members(row.labels);
      for (const label of row.labels) {
        const word = labels[label] ?? '';
        expect(word === 'other' || LABELS[label].test(word), `${name}: ${word}`).to.equal(true);
      }
    }
    for (const [name, { kind }] of Object.entries(METRICS)) {
      expect(types.get(`zhenglian_${name}`), name).to.equal(kind);
    }
    const foreign = samples.filter(({ name }) => !/^(?:zhenglian|process|nodejs)_/.test(name));
    expect(foreign).to.deep.equal([]);

    const value = (name: string, labels: Record<string, string> = {}) =>
      samples.find(
        (each) =>
          each.name === `zhenglian_${name}` &&
          Object.entries(labels).every(([label, word]) => each.labels[label] === word),
      )?.value;
    expect(value('copies_accepted_total', { type: 'driving' })).to.equal(1);
    expect(value('copies_anchored_total', { type: 'driving' })).to.equal(1);
    expect(value('signatures_total', { authority: GUANGDONG })).to.be.greaterThan(0);
    expect(value('verdicts_total', { verdict: 'VALID', reason: 'none' })).to.equal(1);
    expect(value('verdicts_total', { verdict: 'INVALID' })).to.equal(1);
    expect(value('denials_total', { code: 'TOKEN_INVALID' })).to.equal(1);
    expect(value('denials_total', { code: 'ROLE_DENIED' })).to.equal(1);
    expect(value('problems_total', { code: 'ROUTE_UNKNOWN' })).to.equal(1);
    expect(value('anchor_lag_seconds_count', { type: 'driving' })).to.equal(1);
    const driving = { authority: GUANGDONG, type: 'driving' };
    expect(value('queue_copies', driving)).to.equal(0);
    expect(value('queue_oldest_seconds', driving)).to.equal(0);
    expect(value('lease_room', driving)).to.equal(65_535);
    expect(value('replica_height')).to.be.greaterThan(0);
    expect(value('replica_level_age_seconds')).to.be.within(0, 30);
    expect(
      value('ledger_call_seconds_count', { function: 'SubmitBatch', outcome: 'done' }),
    ).to.equal(1);
    expect(value('store_write_seconds_count', { table: 'desk' })).to.be.greaterThan(0);
    expect(value('store_free_bytes')).to.be.greaterThan(0);
    expect(value('store_healthy')).to.equal(1);
    expect(value('ready')).to.equal(1);
    const route = { method: 'POST', route: '/v1/verifications', status: '2xx' };
    expect(value('http_request_seconds_count', route)).to.be.greaterThan(1);
  });

  it('serves operators only metrics and health, and the public port no metrics', async () => {
    expect((await fetch(`${admin}/healthz`)).status).to.equal(200);
    expect((await fetch(`${admin}/readyz`)).status).to.be.oneOf([200, 503]);
    for (const path of ['/', '/v1/network', '/metrics/x']) {
      expect((await fetch(admin + path)).status, path).to.equal(404);
    }
    expect((await fetch(`${admin}/metrics`, { method: 'POST' })).status).to.equal(404);
    expect((await under.call('get', '/metrics')).status).to.equal(404);
  });

  it('takes an id of a strict form, a trace id of a traceparent, or makes one', async () => {
    const idOf = async (headers: Record<string, string>) => {
      const answer = await request(under.gateway.app).get('/healthz').set(headers);
      return answer.headers['x-request-id'] as string;
    };
    const [mine, trace] = ['ab'.repeat(16), 'cd'.repeat(16)];
    const uuid = '0b7a3c1e-9f42-4d7e-8a11-2f3b4c5d6e7f';
    const traceparent = `00-${trace}-${'ef'.repeat(8)}-01`;
    expect(await idOf({ 'X-Request-Id': mine })).to.equal(mine);
    expect(await idOf({ 'X-Request-Id': uuid })).to.equal(uuid);
    expect(await idOf({ traceparent })).to.equal(trace);
    expect(await idOf({ 'X-Request-Id': mine, traceparent })).to.equal(mine);
    const refused = ['440106198001011234', '张三', `${mine}a`, mine.toUpperCase(), 'a b', ''];
    for (const id of refused.map(encodeURI)) {
      expect(await idOf({ 'X-Request-Id': id }))
        .to.match(HEX_ID)
        .and.to.not.equal(id);
    }
    for (const bad of [`00-${'0'.repeat(32)}-${'ef'.repeat(8)}-01`, `01${traceparent.slice(2)}`]) {
      expect(await idOf({ traceparent: bad }))
        .to.match(HEX_ID)
        .and.to.not.equal(trace);
    }
    expect(await idOf({})).to.not.equal(await idOf({}));
  });

  it('names the request in its problem and its line', async () => {
    const requestId = '12'.repeat(16);
    const options = { headers: { 'X-Request-Id': requestId } };
    const { body } = await under.call('get', `/v1/licences/${'0'.repeat(32)}`, {
      headers: { ...options.headers, 'Purpose-Code': 'audit' },
    });
    expect(body).to.include({ code: 'LICENCE_UNKNOWN', requestId });
    const [line] = lines('request').filter((each) => each['requestId'] === requestId);
    expect(line).to.include({ route: '/v1/licences/:id', status: 404 });
  });

  it('joins a request to its transaction and block by ids that name nobody', async () => {
    const requestId = '34'.repeat(16);
    const { id } = await issue(under, { 'X-Request-Id': requestId });
    await anchored(under, id);
    const accepted = lines('accepted').find((line) => line['requestId'] === requestId);
    expect(accepted).to.include({ route: '/v1/licences', id });
    await eventually(async () => {
      const placed = lines('placed').find((line) => line['id'] === id);
      const index = Number(placed?.['index']);
      const batch = lines('batch anchored').find(
        ({ epoch, first, count }) =>
          placed?.['epoch'] === epoch &&
          Number(first) <= index &&
          index < Number(first) + Number(count),
      );
      const ledger = await provinces.connect('P44');
      const status = await ledger.status(String(batch?.['transactionId']));
      expect(status?.blockNumber).to.equal(batch?.['blockNumber']);
    });
    const text = under.logs.join('');
    for (const word of personal) expect(text).to.not.include(word);
  });

  it('sends spans of a request and its batch to a collector, with nothing personal', async () => {
    const received: string[] = [];
    const collector = createServer((incoming, response) => {
      let body = '';
      incoming.on('data', (part: Buffer) => (body += part.toString()));
      incoming.on('end', () => {
        received.push(`${String(incoming.url)} ${body}`);
        response.setHeader('Content-Type', 'application/json');
        response.end('{}');
      });
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => collector.once('listening', resolve));
    const { port } = collector.address() as AddressInfo;
    const traced = await openTestGateway(provinces, {
      observing: { tracesUrl: `http://127.0.0.1:${String(port)}` },
    });
    const [traceId, spanId] = ['5a'.repeat(16), '6b'.repeat(8)];
    const { id } = await issue(traced, { traceparent: `00-${traceId}-${spanId}-01` });
    await anchored(traced, id);
    await traced.stop();
    collector.close();

    expect(received.every((each) => each.startsWith('/v1/traces '))).to.equal(true);
    const spans = received.flatMap((each) => spansOf(each.slice('/v1/traces '.length)));
    const named = (name: string) => spans.filter((span) => span.name === name);
    for (const name of ['request', 'store write', 'sign', 'ledger submit', 'block apply']) {
      expect(named(name), name).to.not.be.empty;
    }
    const asked = named('request').find((span) => span.traceId === traceId);
    expect(asked?.parentSpanId).to.equal(spanId);
    const stored = named('store write').filter((span) => span.parentSpanId === asked?.spanId);
    expect(stored).to.not.be.empty;
    const facts = spans.flatMap(({ attributes }) => attributes.map(({ key }) => key));
    const allowed = ['zl.method', 'zl.route', 'zl.status', 'zl.requestId', 'zl.table', 'zl.count'];
    allowed.push('zl.function', 'zl.authority', 'zl.blockNumber', 'zl.code');
    expect(new Set(facts)).to.satisfy((keys: Set<string>) =>
      [...keys].every((key) => allowed.includes(key)),
    );
    for (const word of personal) expect(received.join('')).to.not.include(word);
  });

  it('is ready, and says why not when its ledger is away, silent, or draws ahead', async () => {
    const ledger = await provinces.connect('P44');
    const broken = { height: 'no' as 'no' | 'away' | 'ahead' };
    const faulty: Ledger = {
      msp: ledger.msp,
      submit: (call) => ledger.submit(call),
      evaluate: (call, msp) => ledger.evaluate(call, msp),
      evaluateCosigned: (call, msps) => ledger.evaluateCosigned(call, msps),
      blocks: (from, signal) => ledger.blocks(from, signal),
      status: (transactionId) => ledger.status(transactionId),
      async height() {
        if (broken.height === 'away') throw new CodedError('LEDGER_UNAVAILABLE', 'gone');
        return (await ledger.height()) + (broken.height === 'ahead' ? 1 : 0);
      },
      close: () => ledger.close(),
    };
    let ahead = 0;
    const clock = () => Math.floor(Date.now() / 1000) + ahead;
    const fragile = await openTestGateway(provinces, { ledger: faulty, clock });
    const ready = async () => {
      const { status, body } = await fragile.call('get', '/readyz', { as: 'nobody' });
      return status === 200 ? [] : (body.reasons as string[]);
    };
    const says = (...reasons: string[]) =>
      eventually(async () => void expect(await ready()).to.deep.equal(reasons), PATIENCE);
    await says();
    broken.height = 'away';
    await eventually(async () => {
      expect(await ready()).to.include('LEDGER_UNAVAILABLE');
    }, PATIENCE);
    broken.height = 'no';
    await says();
    broken.height = 'ahead';
    ahead = 31;
    await says('REPLICA_BEHIND');
    broken.height = 'no';
    await says();
    fragile.gateway.context.drain.begin();
    expect(await ready()).to.deep.equal(['DRAINING']);
    const answer = await request(fragile.gateway.app).get('/healthz');
    expect([answer.status, answer.headers['connection']]).to.deep.equal([200, 'close']);
    await fragile.stop();
  });
});
