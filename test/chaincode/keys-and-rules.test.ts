// SPDX-License-Identifier: Apache-2.0
// Keys and rules of recognition through the built bundle (docs/ledger.md §5, §6).
import { expect } from 'chai';
import { asCbor } from '@zhenglian/core/shape';
import type { CborInput, CborValue } from '@zhenglian/core/cbor';
import { possessionPayload } from '@zhenglian/core/records/key';
import { parseKeyScope } from '@zhenglian/core/records/key-scope';
import { ruleHash } from '@zhenglian/core/records/rule';
import { parseTrustBundle } from '@zhenglian/core/records/trust-bundle';
import {
  authorityBody,
  codeOf,
  createWorkingConsortium,
  enact,
  GUANGDONG,
  keyRequest,
  START,
  testKey,
  tryEnact,
  ZHEJIANG,
} from '../support/consortium.ts';
import { ruleRequest, testRule } from '../support/consortium-requests.ts';
import type { Consortium } from '../support/consortium.ts';

describe('RegisterKey', () => {
  let c: Consortium;
  const register = async (request: CborInput, msp: 'P44' | 'P33' = 'P44') =>
    codeOf(await c.run(c.parties[msp].client, 'zl', 'RegisterKey', request));
  beforeEach(async () => {
    c = await createWorkingConsortium();
  });

  it('registers a key once, anywhere', async () => {
    expect(await register(keyRequest(c, 'P44', GUANGDONG, 'gd'))).to.equal('KEY_EXISTS');
    expect(await register(keyRequest(c, 'P33', ZHEJIANG, 'gd'), 'P33')).to.equal('KEY_EXISTS');
    expect(await register(keyRequest(c, 'P44', GUANGDONG, 'gd-2'))).to.equal('OK');
  });

  it('wants the key to have signed for this organisation and authority', async () => {
    const key = testKey('new');
    const signed = (msp: string, uscc: string) =>
      c.sign(key, 'possession', possessionPayload(msp, uscc, key.publicKey));
    const payload = possessionPayload('P44', GUANGDONG, key.publicKey);
    for (const possession of [
      signed('P33', GUANGDONG),
      signed('P44', ZHEJIANG),
      c.sign(key, 'batch', payload),
      c.sign(testKey('gd'), 'possession', payload),
      new Uint8Array(64),
    ]) {
      const request = keyRequest(c, 'P44', GUANGDONG, 'new', { possession });
      expect(await register(request)).to.equal('SIGNATURE_INVALID');
    }
  });

  it('refuses the authority of another, a withdrawn one, foreign types, an empty window', async () => {
    const elsewhere = keyRequest(c, 'P44', ZHEJIANG, 'new');
    expect(await register(elsewhere)).to.equal('ACCESS_DENIED');
    const change = (more: Record<string, CborInput>) =>
      keyRequest(c, 'P44', GUANGDONG, 'new', more);
    expect(await register(change({ types: ['business'] }))).to.equal('SCOPE');
    expect(await register(change({ types: [] }))).to.equal('SCOPE');
    expect(await register(change({ types: ['driving', 'driving'] }))).to.equal('REQUEST_INVALID');
    expect(await register(change({ notAfter: 1 }))).to.equal('REQUEST_INVALID');
    const noPoint = new Uint8Array(33).fill(0xff);
    expect(await register(change({ publicKey: noPoint }))).to.equal('REQUEST_INVALID');
    await enact(c, 'authority', authorityBody('P44', GUANGDONG, { status: 'withdrawn' }));
    expect(await register(change({}))).to.equal('AUTHORITY_WITHDRAWN');
  });

  it('tells another chaincode about key, authority and organisation', async () => {
    const { kid, publicKey } = testKey('gd');
    const request = { msp: 'P44', uscc: GUANGDONG, kid };
    const scope = parseKeyScope(await c.ask(c.parties.P33.client, 'zl', 'KeyScope', request));
    expect(scope.key?.publicKey).to.deep.equal(publicKey);
    expect(scope.authority?.msp).to.equal('P44');
    expect(scope.testIdentities).to.equal(true);
    for (const unknown of [
      { msp: 'P99' },
      { msp: 'P44', uscc: GUANGDONG, kid: new Uint8Array(8) },
      { msp: 'P44', uscc: GUANGDONG.replace('0', '1') },
    ]) {
      const result = await c.run(c.parties.P44.client, 'zl', 'KeyScope', unknown);
      expect(codeOf(result)).to.equal('NOT_FOUND');
    }
  });
});

describe('BurnKey', () => {
  let c: Consortium;
  const { kid } = testKey('gd');
  const burn = async (entries: readonly (readonly [number, number])[]) =>
    codeOf(await c.run(c.parties.P44.client, 'zl', 'BurnKey', { kid, lastGood: new Map(entries) }));
  beforeEach(async () => {
    c = await createWorkingConsortium();
  });

  it('may only move earlier, and keeps the time of the first burn', async () => {
    expect(
      await burn([
        [1, 100],
        [2, 50],
      ]),
    ).to.equal('OK');
    const burnedAt = c.clock;
    expect(await burn([[1, 101]])).to.equal('BURN_LATER');
    expect(await burn([[3, 0]])).to.equal('BURN_LATER');
    expect(await burn([[1, 99]])).to.equal('OK');
    expect(await burn([[2, 10]])).to.equal('BURN_LATER');
    expect(await burn([])).to.equal('OK');
    expect(await burn([[1, 0]])).to.equal('BURN_LATER');
    const bundle = parseTrustBundle(await c.ask(c.parties.REG.client, 'zl', 'TrustBundle', {}));
    const key = bundle.keys.find((k) => k.msp === 'P44');
    expect(key?.burned?.at).to.equal(burnedAt);
    expect(key?.burned?.lastGood.size).to.equal(0);
    expect(key?.rev).to.equal(4);
  });

  it('is for the key’s province, or for a vote', async () => {
    const request = { kid, lastGood: new Map() };
    const foreign = await c.run(c.parties.P33.client, 'zl', 'BurnKey', request);
    expect(codeOf(foreign)).to.equal('ACCESS_DENIED');
    const unknown = { kid: new Uint8Array(8), lastGood: new Map() };
    const nothing = await c.run(c.parties.P44.client, 'zl', 'BurnKey', unknown);
    expect(codeOf(nothing)).to.equal('NOT_FOUND');
    await enact(c, 'burn', { kid, lastGood: new Map([[1, 5]]) });
    const later = await tryEnact(c, 'burn', { kid, lastGood: new Map([[1, 6]]) });
    expect(codeOf(later)).to.equal('BURN_LATER');
    expect(codeOf(await tryEnact(c, 'burn', unknown))).to.equal('NOT_FOUND');
  });

  it('never lets time run backwards within a record', async () => {
    expect(await burn([[1, 5]])).to.equal('OK');
    c.clock -= 100;
    expect(await burn([[1, 4]])).to.equal('TIME_BACKWARDS');
  });
});

describe('SubmitRule, WithdrawRule', () => {
  let c: Consortium;
  const gd = testKey('gd');
  const zj = testKey('zj');
  const submit = async (msp: 'P44' | 'P33' | 'REG', request: CborInput) =>
    codeOf(await c.run(c.parties[msp].client, 'zl', 'SubmitRule', request));
  const current = async () => {
    const bundle = parseTrustBundle(await c.ask(c.parties.P44.client, 'zl', 'TrustBundle', {}));
    return bundle.rules[0];
  };
  beforeEach(async () => {
    c = await createWorkingConsortium();
  });

  it('is in force when both stand by one hash, and until they stand by another', async () => {
    const rule = testRule();
    expect(await submit('P44', ruleRequest(c, rule, gd))).to.equal('OK');
    expect((await current())?.rule).to.equal(undefined);
    const other = testRule({ acts: [] });
    expect(await submit('P33', ruleRequest(c, other, zj))).to.equal('OK');
    expect((await current())?.rule).to.equal(undefined);
    expect(await submit('P33', ruleRequest(c, rule, zj))).to.equal('OK');
    const inForce = (await current())?.rule;
    expect(inForce && ruleHash(inForce)).to.deep.equal(ruleHash(rule));
    expect(await submit('P44', ruleRequest(c, other, gd))).to.equal('OK');
    const still = (await current())?.rule;
    expect(still && ruleHash(still)).to.deep.equal(ruleHash(rule));
    expect(await submit('P33', ruleRequest(c, other, zj))).to.equal('OK');
    const next = (await current())?.rule;
    expect(next && ruleHash(next)).to.deep.equal(ruleHash(other));
  });

  it('ends when either withdraws, and needs both again', async () => {
    const request = { from: 'P44', to: 'P33', type: 'driving' };
    const withdraw = async (msp: 'P44' | 'P33' | 'REG', body = request) =>
      codeOf(await c.run(c.parties[msp].client, 'zl', 'WithdrawRule', body));
    expect(await withdraw('P44')).to.equal('NOT_FOUND');
    await submit('P44', ruleRequest(c, testRule(), gd));
    await submit('P33', ruleRequest(c, testRule(), zj));
    expect(await withdraw('REG')).to.equal('ACCESS_DENIED');
    expect(await withdraw('P33')).to.equal('OK');
    expect((await current())?.rule).to.equal(undefined);
    await submit('P33', ruleRequest(c, testRule(), zj));
    expect((await current())?.rule).to.equal(undefined);
    await submit('P44', ruleRequest(c, testRule(), gd));
    expect((await current())?.rule).to.not.equal(undefined);
  });

  it('refuses what is no rule, or between others', async () => {
    const refuse = async (rule: ReturnType<typeof testRule>, code: string) => {
      expect(await submit('P44', ruleRequest(c, rule, gd))).to.equal(code);
    };
    await refuse(testRule({ to: 'P44' }), 'RULE_INVALID');
    await refuse(testRule({ notAfter: 19_999 }), 'RULE_INVALID');
    await refuse(testRule({ to: 'REG' }), 'RULE_INVALID');
    await refuse(testRule({ to: 'P51' }), 'RULE_INVALID');
    await refuse(testRule({ condition: 'x'.repeat(20_000) }), 'RULE_INVALID');
    await refuse(testRule({ condition: nested(13) }), 'RULE_INVALID');
    await refuse(testRule({ from: 'P33', to: 'P51' }), 'ACCESS_DENIED');
    const rule = asCbor({ ...testRule(), version: 2 });
    const request = { rule, kid: gd.kid, signature: new Uint8Array(64) };
    expect(await submit('P44', request)).to.equal('RULE_INVALID');
  });

  it('carries the deepest condition in the bundle', async () => {
    const rule = testRule({ condition: nested(12) });
    expect(await submit('P44', ruleRequest(c, rule, gd))).to.equal('OK');
    expect(await submit('P33', ruleRequest(c, rule, zj))).to.equal('OK');
    expect((await current())?.rule?.condition).to.deep.equal(nested(12));
  });

  it('wants a living key of the caller that signed this rule', async () => {
    const rule = testRule();
    const good = ruleRequest(c, rule, gd);
    const wrong = { ...good, signature: c.sign(gd, 'batch', ruleHash(rule)) };
    expect(await submit('P44', wrong)).to.equal('SIGNATURE_INVALID');
    expect(await submit('P44', { ...good, kid: zj.kid })).to.equal('SIGNATURE_INVALID');
    expect(await submit('P44', { ...good, kid: new Uint8Array(8) })).to.equal('NOT_FOUND');
    expect(await submit('P44', ruleRequest(c, rule, zj))).to.equal('ACCESS_DENIED');
    const { clock } = c;
    c.clock = START + 86_400 * 400;
    expect(await submit('P44', good)).to.equal('KEY_WINDOW');
    c.clock = clock;
    const burn = { kid: gd.kid, lastGood: new Map() };
    await c.submit(c.parties.P44.client, 'zl', 'BurnKey', burn);
    expect(await submit('P44', good)).to.equal('KEY_BURNED');
    await enact(c, 'authority', authorityBody('P33', ZHEJIANG, { status: 'withdrawn' }));
    expect(await submit('P33', ruleRequest(c, rule, zj))).to.equal('AUTHORITY_WITHDRAWN');
  });
});

function nested(depth: number): CborValue {
  return depth === 0 ? 'x' : [nested(depth - 1)];
}
