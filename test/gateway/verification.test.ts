// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import { fromBase64, toHex } from '@zhenglian/core/bytes';
import { decodeAnswer } from '@zhenglian/core/cosigned-answer';
import { parseRequest } from '@zhenglian/core/request';
import type { CheckName, Report } from '@zhenglian/core/report';
import { readEpochEvidence, readTrustBundle } from '@zhenglian/core/trust';
import { verify } from '@zhenglian/core/verify';
import { AUDIT, COUNTER } from './call-app.ts';
import { issueDriving, openTestGateway, startProvinces } from './support.ts';
import type { Answered } from './call-app.ts';
import type { TestGateway, TestProvinces } from './support.ts';
import { claim, nowSeconds, present, referenceOf } from './wallet.ts';
import type { Carried } from './wallet.ts';

const SHOWN = ['name', 'serial', 'version'];

describe('gateway: verification', function () {
  this.timeout(120_000);
  let provinces: TestProvinces;
  let under: TestGateway;
  let carried: Carried;
  let licence: string;
  let printed: string;

  before(async () => {
    provinces = await startProvinces();
    under = await openTestGateway(provinces);
    licence = await issueDriving(under);
    printed = (await under.call('get', `/v1/licences/${licence}/code`, AUDIT)).body.text as string;
    carried = await claim(under, licence);
  });
  after(async () => {
    await under.stop();
    await provinces.close();
  });

  const post = (body: unknown): Promise<Answered> =>
    under.call('post', '/v1/verifications', { ...COUNTER, body });
  const check = async (texts: readonly string[], more = {}): Promise<readonly Report[]> => {
    const { status, body } = await post({ presentations: texts, act: 'general', ...more });
    expect(status, JSON.stringify(body)).to.equal(200);
    return body.reports as Report[];
  };
  const one = async (text: string, more = {}): Promise<Report> => {
    const [report] = await check([text], more);
    if (report === undefined) throw new Error('no report');
    return report;
  };
  const reason = (report: Report, name: CheckName) =>
    report.checks.find((each) => each.name === name)?.reason;
  const request = async (act = 'general') => {
    const options = { as: 'clerk' as const, body: { act, audience: '窗口 3' } };
    const { status, body } = await under.call('post', '/v1/presentation-requests', options);
    expect(status, JSON.stringify(body)).to.equal(201);
    return body as { id: string; text: string; expiresAt: number };
  };

  it('finds a printed document valid and says that it is a document', async () => {
    const report = await one(printed);
    expect(report.verdict, JSON.stringify(report.checks)).to.equal('VALID');
    expect(report.holder).to.equal('document');
    expect(reason(report, 'anchor')).to.equal('ANCHOR_PROVEN');
    expect(report.evidence.epoch?.age).to.be.within(0, 130);
    expect(report.licence?.issuer?.msp).to.equal('P44');
  });

  it('finds a proof of the last minute recent, and the same proof again replayed', async () => {
    const text = present(carried, SHOWN);
    expect(await one(text)).to.include({ verdict: 'VALID', holder: 'recent' });
    const again = await one(text);
    expect(again.verdict).to.equal('UNDETERMINED');
    expect(reason(again, 'holder')).to.equal('PRESENTATION_REPLAYED');
    expect((await one(present(carried, SHOWN))).verdict).to.equal('VALID');
  });

  it('sees a replay within one request too, and after a restart', async () => {
    const text = present(carried, SHOWN);
    const reports = await check([text, text]);
    expect(reports.map((each) => each.verdict)).to.deep.equal(['VALID', 'UNDETERMINED']);
    await under.stop({ keep: true });
    under = await openTestGateway(provinces, { dataDir: under.config.dataDir });
    expect(reason(await one(text), 'holder')).to.equal('PRESENTATION_REPLAYED');
  });

  it('finds an old proof too old, and a code without one no proof at all', async () => {
    const old = await one(present(carried, SHOWN, { at: nowSeconds() - 90 }));
    expect(reason(old, 'holder')).to.equal('HOLDER_PROOF_OLD');
    expect(old.verdict).to.equal('UNDETERMINED');
  });

  it('takes the answer to its own request once', async () => {
    const asked = await request();
    expect(parseRequest(asked.text)).to.include({ act: 'general', audience: '窗口 3' });
    expect(asked.expiresAt - nowSeconds()).to.be.within(110, 121);
    const text = present(carried, SHOWN, { request: asked.text });
    const report = await one(text, { request: asked.id });
    expect(report).to.include({ verdict: 'VALID', holder: 'challenged' });
    const body = { presentations: [text], act: 'general', request: asked.id };
    expect((await post(body)).body.code).to.equal('REQUEST_SPENT');
  });

  it('refuses an unknown request, one of another act, and proofs for somebody else', async () => {
    const other = { presentations: [printed], act: 'general', request: '0'.repeat(32) };
    expect((await post(other)).body.code).to.equal('REQUEST_UNKNOWN');
    const roadside = await request('roadside');
    const wrong = { presentations: [printed], act: 'general', request: roadside.id };
    expect((await post(wrong)).body.code).to.equal('REQUEST_INVALID');
    const [mine, theirs] = [await request(), await request()];
    const text = present(carried, SHOWN, { request: theirs.text });
    const report = await one(text, { request: mine.id });
    expect(report.verdict).to.equal('INVALID');
    expect(reason(report, 'holder')).to.equal('HOLDER_PROOF_INVALID');
  });

  it('lets a request run out, and forgets it an hour later', async () => {
    const asked = await request();
    const { dataDir } = under.config;
    const reopen = async (late: number) => {
      await under.stop({ keep: true });
      under = await openTestGateway(provinces, { dataDir, clock: () => nowSeconds() + late });
    };
    const body = { presentations: [printed], act: 'general', request: asked.id };
    await reopen(121);
    expect((await post(body)).body.code).to.equal('REQUEST_SPENT');
    await reopen(121 + 3600);
    expect((await post(body)).body.code).to.equal('REQUEST_UNKNOWN');
    await reopen(0);
  });

  it('answers for each of many, and never fails for what is no code', async () => {
    const reports = await check([printed, 'ZL1:', 'hello', 'ZL1:' + 'A'.repeat(4000), '']);
    expect(reports.map((each) => each.verdict)).to.deep.equal([
      'VALID',
      ...Array.from({ length: 4 }, () => 'INVALID'),
    ]);
    expect(reason(reports[3] ?? (await one('')), 'format')).to.equal('QR_TOO_LONG');
    const none = await post({ presentations: [], act: 'general' });
    expect(none.body.code).to.equal('REQUEST_INVALID');
    const many = Array.from({ length: 101 }, () => 'x');
    expect((await post({ presentations: many, act: 'general' })).body.code).to.equal(
      'REQUEST_INVALID',
    );
  });

  it('finds an act that nobody voted in undetermined', async () => {
    const report = await one(printed, { act: 'unheard-of' });
    expect(report.verdict).to.equal('UNDETERMINED');
    expect(reason(report, 'freshness')).to.equal('POLICY_UNKNOWN');
  });

  it('needs a clerk and a purpose', async () => {
    const body = { presentations: [printed], act: 'general' };
    const officer = { ...COUNTER, as: 'officer' as const, body };
    expect((await under.call('post', '/v1/verifications', officer)).body.code).to.equal(
      'ROLE_DENIED',
    );
    const silent = { as: 'clerk' as const, body };
    expect((await under.call('post', '/v1/verifications', silent)).body.code).to.equal(
      'PURPOSE_REQUIRED',
    );
  });

  it('hands out co-signed evidence on which a counter comes to the same verdict', async () => {
    const { kid, epoch, index } = carried.copy;
    const nonce = new Uint8Array(16).fill(3);
    const place = `kid=${toHex(kid)}&epoch=${String(epoch)}&index=${String(index)}`;
    const path = `/v1/evidence?${place}&nonce=${toHex(nonce)}`;
    const { status, body } = await under.call('get', path, COUNTER);
    expect(status, JSON.stringify(body)).to.equal(200);
    const { inclusion } = body as { inclusion: { argument: string; path: string[] } };
    const evidence = {
      bundle: decodeAnswer(fromBase64(body.bundle as string)),
      epoch: decodeAnswer(fromBase64(body.epoch as string)),
      inclusion: {
        argument: fromBase64(inclusion.argument),
        path: inclusion.path.map(fromBase64),
      },
    };
    const { networkId } = carried;
    const policy = { networkId, act: 'general', nonce };
    const report = verify(present(carried, SHOWN), evidence, policy, nowSeconds());
    expect(report.refused).to.deep.equal({});
    expect(report.verdict, JSON.stringify(report.checks)).to.equal('VALID');
  });

  it('asks the ledger once for many counters without a nonce, and anew for each nonce', async () => {
    const bundle = async (query = '') => {
      const { body } = await under.call('get', `/v1/trust-bundle${query}`, { as: 'nobody' });
      return body.answer as string;
    };
    expect(await bundle()).to.equal(await bundle());
    const nonce = new Uint8Array(16).fill(4);
    const asked = await bundle(`?nonce=${toHex(nonce)}`);
    const { networkId } = carried;
    const facts = readTrustBundle(decodeAnswer(fromBase64(asked)), { networkId, nonce });
    expect(facts.msps.length).to.be.at.least(2);
    const bent = await under.call('get', '/v1/trust-bundle?nonce=12', { as: 'nobody' });
    expect(bent.body.code).to.equal('REQUEST_INVALID');
  });

  it('has no epoch to show for a key or epoch nobody has', async () => {
    const { kid } = carried.copy;
    for (const place of [
      'kid=0000000000000000&epoch=0&index=0',
      `kid=${toHex(kid)}&epoch=4000000000&index=0`,
    ]) {
      const { status, body } = await under.call('get', `/v1/evidence?${place}`, COUNTER);
      expect([status, body.epoch, body.inclusion]).to.deep.equal([200, null, null]);
    }
  });

  it('holds in its replica exactly what the contracts answer', async () => {
    const { replica, ledger, networkId } = under.gateway.context;
    const { bundle } = replica.trustBundle();
    const uscc = bundle.keys[0]?.uscc ?? '';
    const { epoch } = carried.copy;
    const { body } = await under.call(
      'get',
      `/v1/evidence?kid=${toHex(carried.copy.kid)}&epoch=${String(epoch)}&index=0`,
      COUNTER,
    );
    const pin = { networkId };
    const trust = readTrustBundle(decodeAnswer(fromBase64(body.bundle as string)), pin);
    const asked = { uscc, epoch };
    const answer = decodeAnswer(fromBase64(body.epoch as string));
    const facts = readEpochEvidence(answer, trust, asked, pin);
    const height = await ledger.height();
    await replica.waitForBlock(height - 1);
    const held = await replica.epochEvidence(uscc, epoch);
    expect({ ...held?.evidence, at: 0 }).to.deep.equal({ ...facts.evidence, at: 0 });
    expect(bundle.version).to.equal(trust.bundle.version);
  });

  it('finds a revoked licence revoked, document and phone alike', async () => {
    const act = { state: 'revoked', class: 'administrative', reason: 'test', basis: 'test' };
    const done = await under.call('post', `/v1/licences/${licence}/status`, { body: act });
    expect(done.status, JSON.stringify(done.body)).to.equal(200);
    await under.gateway.context.replica.waitForBlock(
      (done.body.committed as { blockNumber: number }).blockNumber,
    );
    const reports = await check([printed, present(carried, SHOWN)]);
    expect(reports.map((each) => each.verdict)).to.deep.equal(['REVOKED', 'REVOKED']);
  });

  it('traces every check under the copy, with verdict and purpose and no field', async () => {
    const entries = await under.gateway.context.trace.entriesOf([referenceOf(carried.copy)]);
    const checks = entries.map(({ entry }) => entry).filter(({ kind }) => kind === 'verification');
    expect(checks.at(-1)).to.include({ outcome: 'REVOKED', purpose: 'counter-service' });
    expect(new Set(checks.map(({ outcome }) => outcome))).to.include('VALID');
    const kinds = new Set(entries.map(({ entry }) => entry.kind));
    expect([...kinds]).to.include('evidence');
  });
});
