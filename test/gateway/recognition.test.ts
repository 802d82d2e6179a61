// SPDX-License-Identifier: Apache-2.0
// Two provinces and the regulator: a licence of P44 is carried to P33, recognised under a rule both signed, revoked, and
// the regulator sees all of it. One network for the whole story, since each step needs the ones before.
import { expect } from 'chai';
import { fromBase64, fromHex } from '@zhenglian/core/bytes';
import type { RecognitionRule } from '@zhenglian/core/records/rule';
import { verifyFor } from '@zhenglian/core/signing';
import { replayLedger } from '../../gateway/src/replica/replay.ts';
import { checkTrail } from '../../gateway/src/trace/check-trail.ts';
import { gatherTrails } from '../../gateway/src/trace/gather-trails.ts';
import type { GatheredTrails } from '../../gateway/src/schemas/regulating.ts';
import { submitRuleOf } from './rules.ts';
import { TOKENS, AUDIT } from './call-app.ts';
import { condition, RULE } from './recognition-rule.ts';
import { eventually, issueDriving, openTestGateway, startProvinces } from './support.ts';
import type { Answered } from './call-app.ts';
import type { TestGateway, TestProvinces } from './support.ts';
import { claim, present, referenceOf } from './wallet.ts';
import type { Carried } from './wallet.ts';

const SHOWN = ['name', 'classes', 'validFrom', 'validTo', 'serial', 'version'];
const COUNTER = { as: 'clerk' as const, headers: { 'Purpose-Code': 'counter-service' } };
const INSPECT = { as: 'regulator' as const, headers: { 'Purpose-Code': 'audit' } };

describe('gateway: recognition and the regulator', function () {
  this.timeout(180_000);
  let provinces: TestProvinces;
  let issuer: TestGateway;
  let accepter: TestGateway;
  let regulator: TestGateway;
  let licence: string;
  let carried: Carried;

  before(async () => {
    provinces = await startProvinces();
    issuer = await openTestGateway(provinces, { msp: 'P44' });
    accepter = await openTestGateway(provinces, { msp: 'P33' });
    const source = async (under: TestGateway) => ({
      msp: under.config.msp,
      url: `http://127.0.0.1:${String((await under.gateway.listen()).port)}`,
      token: TOKENS.regulator,
    });
    const sources = [await source(issuer), await source(accepter)];
    regulator = await openTestGateway(provinces, { msp: 'REG', readOnly: true, sources });
    licence = await issueDriving(issuer);
    carried = await claim(issuer, licence);
  });
  after(async () => {
    await Promise.all([issuer, accepter, regulator].map((each) => each.stop()));
    await provinces.close();
  });

  const recognise = (text: string, act = 'general', under = accepter): Promise<Answered> =>
    under.call('post', '/v1/recognitions', { ...COUNTER, body: { presentation: text, act } });
  const levelAll = async () => {
    const height = await issuer.gateway.context.ledger.height();
    const all = [issuer, accepter, regulator].map((each) => each.gateway.context.replica);
    await Promise.all(all.map((replica) => replica.waitForBlock(height - 1)));
  };
  const trails = async (): Promise<GatheredTrails> => {
    const { status, body } = await regulator.call('get', `/v1/trace?licence=${licence}`, INSPECT);
    expect(status, JSON.stringify(body)).to.equal(200);
    return body as GatheredTrails;
  };
  const trailOf = (gathered: GatheredTrails, msp: string) => {
    const found = gathered.provinces.find((each) => each.msp === msp);
    if (!found?.trail) throw new Error(`no trail of ${msp}`);
    return { ...found, trail: found.trail };
  };
  const submitRule = async (under: TestGateway, rule: RecognitionRule) => {
    await submitRuleOf(under, rule);
    await levelAll();
  };

  it('knows no rule: the licence is valid, whether it counts here is unknown', async () => {
    await levelAll();
    const { body } = await recognise(present(carried, SHOWN));
    expect(body.report.verdict, JSON.stringify(body.report)).to.equal('VALID');
    expect(body.recognition).to.deep.equal({ outcome: 'unknown', reason: 'NO_RULE', fields: [] });
    expect(body.receipt).to.equal(undefined);
    const home = await recognise(present(carried, SHOWN), 'general', issuer);
    expect(home.body.recognition.reason).to.equal('SAME_PROVINCE');
  });

  it('needs both provinces: one word alone is no rule', async () => {
    await submitRule(issuer, RULE);
    const { body } = await recognise(present(carried, SHOWN));
    expect(body.recognition.reason).to.equal('NO_RULE');
  });

  it('recognises under a rule both signed, with a receipt by its own authority', async () => {
    await submitRule(accepter, RULE);
    const { body } = await recognise(present(carried, SHOWN));
    expect([body.recognition.outcome, body.recognition.reason]).to.eql(['recognised', 'RULE_MET']);
    expect(body.recognition.rule).to.include({ from: 'P44', to: 'P33', type: 'driving' });
    const names = (body.recognition.fields as { name: string }[]).map(({ name }) => name);
    expect(names).to.include('holderName').and.not.include('name');

    const { replica, networkId } = accepter.gateway.context;
    const key = replica
      .trustBundle()
      .bundle.keys.find((each) => Buffer.from(each.kid).toString('hex') === body.receipt.kid);
    expect(key?.msp).to.equal('P33');
    const receipt = {
      networkId,
      publicKey: key?.publicKey ?? new Uint8Array(33),
      payload: fromBase64(body.receipt.payload as string),
      signature: fromBase64(body.receipt.signature as string),
    };
    expect(verifyFor({ purpose: 'receipt', ...receipt })).to.equal(true);
    expect(verifyFor({ purpose: 'licence', ...receipt })).to.equal(false);
    const { body: listed } = await accepter.call('get', '/v1/recognitions', { as: 'clerk' });
    expect(listed.recognitions).to.have.length(1);
    expect(listed.recognitions[0]).to.include({ from: 'P44', type: 'driving', act: 'general' });
    expect(listed.recognitions[0].revokedSince).to.equal(undefined);
  });

  it('changes its answer when only the data of the rule changes', async () => {
    const { body: other } = await recognise(present(carried, SHOWN), 'roadside');
    expect(other.recognition).to.include({ outcome: 'unknown', reason: 'RULE_ACT' });
    const strict = { ...RULE, condition: condition('===', 'classes', 'Z9') };
    await submitRule(issuer, strict);
    const still = await recognise(present(carried, SHOWN));
    expect(still.body.recognition.outcome).to.equal('recognised');
    await submitRule(accepter, strict);
    const { body } = await recognise(present(carried, SHOWN));
    expect(body.recognition).to.include({ outcome: 'refused', reason: 'RULE_CONDITION' });
    expect(body.recognition.conditions).to.deep.equal([
      {
        logic: { '===': [{ var: 'licence.classes' }, 'Z9'] },
        fields: ['classes'],
        outcome: 'unmet',
      },
    ]);
    const hidden = await recognise(present(carried, ['serial', 'version']));
    expect(hidden.body.recognition.reason).to.equal('RULE_CONDITION_UNKNOWN');
    expect(hidden.body.recognition.conditions[0].outcome).to.equal('unknown');
    await submitRule(issuer, RULE);
    await submitRule(accepter, RULE);
  });

  it('records what a counter came to by itself, as the word of that clerk', async () => {
    const [kid = '', epoch, index] = referenceOf(carried.copy).split('-');
    const place = { kid, epoch: Number(epoch), index: Number(index) };
    const found = { act: 'general', verdict: 'VALID', holder: 'recent', reason: 'HOLDER_RECENT' };
    const noted = await accepter.call('post', '/v1/verdicts', {
      ...COUNTER,
      body: { ...place, ...found },
    });
    expect([noted.status, noted.body]).to.deep.equal([200, { recorded: true }]);
    const { entries } = trailOf(await trails(), 'P33').trail;
    const entry = entries.find(({ detail }) => detail['kind'] === 'counter');
    expect(entry).to.include({
      ...{ kind: 'verification', outcome: 'VALID', purpose: 'counter-service' },
      subject: referenceOf(carried.copy),
    });
    const wrong = { ...place, ...found, verdict: 'FINE' };
    const refused = await accepter.call('post', '/v1/verdicts', { ...COUNTER, body: wrong });
    expect([refused.status, refused.body.code]).to.deep.equal([400, 'REQUEST_INVALID']);
  });

  it('gives the regulator the whole trail, every entry proven against its own blocks', async () => {
    await recognise(present(carried, SHOWN));
    await eventually(async () => {
      await Promise.all([issuer, accepter, regulator].map((g) => g.gateway.context.trace.anchor()));
      await levelAll();
      const gathered = await trails();
      expect(gathered.provinces.map(({ msp, checked }) => [msp, checked])).to.deep.equal([
        ['P44', 'proven'],
        ['P33', 'proven'],
        ['REG', 'proven'],
      ]);
    });
    const gathered = await trails();
    const kinds = (msp: string) => trailOf(gathered, msp).trail.entries.map(({ kind }) => kind);
    expect(kinds('P44')).to.include.members(['issue', 'claim-code', 'claim']);
    expect(kinds('P33')).to.include.members(['verification', 'recognition']);
    const home = trailOf(gathered, 'P44').trail;
    expect(home.copies).to.include(referenceOf(carried.copy)).and.have.length(2);
    expect(home.ledger.map(({ kind }) => kind)).to.deep.equal(['batch', 'batch']);
    expect(home.codes).to.have.length(1);
  });

  it('finds every change of a trail BROKEN', async () => {
    const { replica } = regulator.gateway.context;
    const { trail } = trailOf(await trails(), 'P44');
    expect(await checkTrail(replica, trail, 'P44')).to.not.equal('BROKEN');
    const [entry] = trail.entries;
    if (!entry?.proof) throw new Error('not proven');
    const others = trail.entries.slice(1);
    const changed = { ...entry, outcome: 'other' };
    const [event, ...events] = trail.ledger;
    if (event === undefined) throw new Error('no event');
    const wrong = [
      { ...trail, entries: [changed, ...others] },
      { ...trail, entries: [{ ...entry, n: entry.n + 100_000 }, ...others] },
      { ...trail, entries: [...others, entry] },
      { ...trail, entries: [{ ...entry, instance: 'p44-another' }, ...others] },
      {
        ...trail,
        entries: [{ ...entry, proof: { ...entry.proof, first: entry.proof.first + 1 } }, ...others],
      },
      { ...trail, entries: [{ ...entry, subject: 'another' }, ...others] },
      { ...trail, msp: 'P33' },
      { ...trail, ledger: [{ ...event, blockNumber: 0 }, ...events] },
      { ...trail, ledger: [...trail.ledger, { ...event, kind: 'status' as const }] },
      { ...trail, ledger: events },
    ];
    for (const bent of wrong) expect(await checkTrail(replica, bent, 'P44')).to.equal('BROKEN');
    expect(await checkTrail(replica, trail, 'P33')).to.equal('BROKEN');
    const late = { ...trail, ledger: [], height: event.blockNumber };
    expect(await checkTrail(replica, late, 'P44')).to.equal('pending');
    const open = { ...trail, entries: [{ ...entry, proof: null }, ...others] };
    expect(await checkTrail(replica, open, 'P44')).to.equal('pending');
  });

  it('tells the accepting province that what it recognised was revoked', async () => {
    // The ledger counts whole seconds: anchoring and revocation must not share one.
    await new Promise((done) => setTimeout(done, 2100));
    const act = { state: 'revoked', class: 'judicial', reason: 'test', basis: 'test' };
    const { body } = await issuer.call('post', `/v1/licences/${licence}/status`, { body: act });
    expect(body.committed, JSON.stringify(body)).to.not.equal(undefined);
    await levelAll();
    const refused = await recognise(present(carried, SHOWN));
    expect(refused.body.report.verdict).to.equal('REVOKED');
    expect(refused.body.recognition).to.include({ outcome: 'refused', reason: 'NOT_VALID' });
    expect(refused.body.receipt).to.equal(undefined);
    const { body: listed } = await accepter.call('get', '/v1/recognitions', { as: 'clerk' });
    const since = (listed.recognitions as { revokedSince?: number }[]).map((r) => r.revokedSince);
    expect(since.every((each) => typeof each === 'number')).to.equal(true);
    const states = trailOf(await trails(), 'P44').trail.ledger.filter((e) => e.kind === 'status');
    expect(states.map(({ detail }) => detail['state'])).to.deep.equal(['revoked', 'revoked']);
  });

  it('replays the verdict as of any moment from blocks alone', async () => {
    const { ledger } = regulator.gateway.context;
    const gathered = await trails();
    const { codes, ledger: events } = trailOf(gathered, 'P44').trail;
    const [code = ''] = codes;
    const anchoredAt = events[0]?.at ?? 0;
    const revokedAt = events.find(({ kind }) => kind === 'status')?.at ?? 0;
    const networkId = fromHex(provinces.network.fingerprint);
    const verdictAt = async (at: number) => {
      const past = await replayLedger({ ledger, networkId, at });
      return (await past.assess(code, 'general')).verdict;
    };
    expect(await verdictAt(anchoredAt)).to.equal('VALID');
    expect(await verdictAt(revokedAt - 1)).to.equal('VALID');
    expect(await verdictAt(revokedAt)).to.equal('REVOKED');
    expect(await verdictAt(anchoredAt - 1)).to.equal('UNDETERMINED');
    expect(await verdictAt(0)).to.equal('UNDETERMINED');
  });

  it('rebuilds the very trust bundle that the contract answers', async () => {
    const { ledger, replica } = regulator.gateway.context;
    const networkId = fromHex(provinces.network.fingerprint);
    await levelAll();
    const past = await replayLedger({ ledger, networkId, at: Number.MAX_SAFE_INTEGER });
    const rebuilt = { ...past.bundle, at: 0 };
    const held = { ...replica.trustBundle().bundle, at: 0 };
    expect(rebuilt).to.deep.equal(held);
  });

  it('counts what the ledger holds', async () => {
    const { body } = await regulator.call('get', '/v1/ledger', { as: 'regulator' });
    expect(body).to.include({ organisations: 3, authorities: 2, statuses: 2 });
    expect(body.keys).to.be.at.least(2);
    expect(body.batches).to.be.at.least(2);
    expect(body.age).to.be.below(30);
  });

  it('says which province could not be asked, and that nobody knows a licence', async () => {
    const nobody = await regulator.call('get', `/v1/trace?licence=${'0'.repeat(32)}`, INSPECT);
    expect([nobody.status, nobody.body.code]).to.deep.equal([404, 'LICENCE_UNKNOWN']);
    for (const query of [
      '',
      `?licence=${licence}&copies=${referenceOf(carried.copy)}`,
      '?copies=x',
    ]) {
      const { body } = await regulator.call('get', `/v1/trace${query}`, INSPECT);
      expect(body.code).to.equal('REQUEST_INVALID');
    }
    const officer = await issuer.call('get', `/v1/trace?licence=${licence}`, AUDIT);
    expect(officer.body.code).to.equal('ROLE_DENIED');
    const away = { ...accepter.config, msp: 'P33', url: 'http://127.0.0.1:1', token: 'x' };
    const { context } = regulator.gateway;
    const sources = [...context.config.sources.slice(0, 1), away];
    const parts = { ...context, config: { ...context.config, sources } };
    const gathered = await gatherTrails(parts, licence, 'audit');
    expect(gathered.provinces[1]).to.deep.equal({
      msp: 'P33',
      trail: null,
      checked: 'pending',
      problem: 'SOURCE_UNAVAILABLE',
    });
    const ask = () => Promise.resolve({ licence, msp: 'P33', entries: 'many' });
    const malformed = await gatherTrails(parts, licence, 'audit', ask);
    expect(malformed.provinces[0]?.problem).to.equal('SOURCE_MALFORMED');
  });
});
