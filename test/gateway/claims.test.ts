// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import { fromHex, toBase64 } from '@zhenglian/core/bytes';
import { formatClaimCode } from '@zhenglian/core/claim';
import { keyId } from '@zhenglian/core/signing';
import { freshDriver, issueDriving, openTestGateway, startProvinces } from './support.ts';
import type { TestGateway, TestProvinces } from './support.ts';
import {
  carry,
  claim,
  claimBody,
  claimCode,
  createHolder,
  nowSeconds,
  renewalBody,
} from './wallet.ts';

describe('gateway: claims', function () {
  this.timeout(120_000);
  let provinces: TestProvinces;
  let under: TestGateway;
  let skew = 0;

  before(async () => {
    provinces = await startProvinces();
    under = await openTestGateway(provinces, {
      clock: () => Math.floor(Date.now() / 1000) + skew,
    });
  });
  after(async () => {
    await under.stop();
    await provinces.close();
  });
  afterEach(() => (skew = 0));

  const post = (body: unknown, path = '/v1/claims') =>
    under.call('post', path, { as: 'nobody', body });
  const codeOf = async (body: unknown) => (await post(body)).body.code as string;

  it('gives a device copy for the holder key, and the same again for the same claim', async () => {
    const licence = await issueDriving(under);
    const code = await claimCode(under, licence);
    const holder = createHolder();
    const answer = await post(claimBody(under, code, holder));
    const { copy, type } = carry(answer, holder);
    expect(copy.holderKey).to.deep.equal(holder.publicKey);
    expect(type.code).to.equal('driving');
    expect(answer.body.licence).to.equal(licence);
    expect(answer.body.otherCopies).to.deep.equal([]);
    expect(answer.body.renewal.after).to.be.greaterThan(Date.now() / 1000);
    const again = carry(await post(claimBody(under, code, holder)), holder);
    expect(again.copy).to.deep.equal(copy);
    expect(await codeOf(claimBody(under, code, createHolder()))).to.equal('CLAIM_CODE_SPENT');
  });

  it('accepts a code as people type it', async () => {
    const code = await claimCode(under, await issueDriving(under));
    const holder = createHolder();
    const body = {
      ...claimBody(under, code, holder),
      code: code.toLowerCase().replaceAll('-', ' '),
    };
    expect((await post(body)).status).to.equal(201);
  });

  it('tells older copies: the next claim or renewal names them all', async () => {
    const licence = await issueDriving(under);
    const first = await claim(under, licence);
    const second = await claim(under, licence);
    const fresh = createHolder();
    const body = renewalBody(under, first.copy, first.holder, fresh);
    const renewed = await post(body, '/v1/renewals');
    const { copy } = carry(renewed, fresh);
    const others = renewed.body.otherCopies as { index: number; state: string }[];
    expect(others.map(({ index }) => index)).to.have.members([first.copy.index, second.copy.index]);
    expect(copy.holderKey).to.deep.equal(fresh.publicKey);
    expect(carry(await post(body, '/v1/renewals'), fresh).copy).to.deep.equal(copy);
  });

  it('refuses a proof by another key, for another gateway, of another time or network', async () => {
    const code = await claimCode(under, await issueDriving(under));
    const [holder, thief] = [createHolder(), createHolder()];
    const good = claimBody(under, code, holder);
    const stolen = { ...claimBody(under, code, thief), holderKey: toBase64(holder.publicKey) };
    expect(await codeOf(stolen)).to.equal('CLAIM_PROOF');
    expect(await codeOf(claimBody(under, code, holder, { gateway: 'P33' }))).to.equal(
      'CLAIM_PROOF',
    );
    const late = claimBody(under, code, holder, { at: Math.floor(Date.now() / 1000) - 121 });
    expect(await codeOf(late)).to.equal('CLAIM_PROOF');
    expect((await post(good)).status).to.equal(201);
  });

  it('spends a code after five wrong tries', async () => {
    const code = await claimCode(under, await issueDriving(under));
    const holder = createHolder();
    const wrong = claimBody(under, code, holder, { gateway: 'P33' });
    const codes: string[] = [];
    for (let i = 0; i < 6; i += 1) codes.push(await codeOf(wrong));
    expect(codes).to.deep.equal([
      ...Array.from({ length: 4 }, () => 'CLAIM_PROOF'),
      'CLAIM_TRIES',
      'CLAIM_CODE_SPENT',
    ]);
    expect(await codeOf(claimBody(under, code, holder))).to.equal('CLAIM_CODE_SPENT');
  });

  it('wants the last six of the subject for a letter', async () => {
    const fields = freshDriver();
    const code = await claimCode(under, await issueDriving(under, fields), 'letter');
    const holder = createHolder();
    const body = claimBody(under, code, holder);
    const lastSix = (fields['licenceNo'] ?? '').slice(-6);
    expect(lastSix).to.have.length(6);
    expect(await codeOf(body)).to.equal('CLAIM_PROOF');
    expect(await codeOf({ ...body, lastSix: '000000' })).to.equal('CLAIM_PROOF');
    expect(await codeOf({ ...body, lastSix: lastSix.slice(1) })).to.equal('CLAIM_PROOF');
    expect((await post({ ...body, lastSix: lastSix.toLowerCase() })).status).to.equal(201);
  });

  it('lets a code run out: a counter code after 15 minutes, a letter after 30 days', async () => {
    const licence = await issueDriving(under);
    const [counter, letter] = [
      await claimCode(under, licence),
      await claimCode(under, licence, 'letter'),
    ];
    const at = (seconds: number) => ({ at: Math.floor(Date.now() / 1000) + seconds });
    const holder = createHolder();
    skew = 901;
    expect(await codeOf(claimBody(under, counter, holder, at(901)))).to.equal('CLAIM_CODE_EXPIRED');
    expect(await codeOf(claimBody(under, letter, holder, at(901)))).to.equal('CLAIM_PROOF');
    skew = 30 * 86_400 + 1;
    expect(await codeOf(claimBody(under, letter, holder, at(skew)))).to.equal('CLAIM_CODE_EXPIRED');
  });

  it('gives no copy of a revoked licence, by code or by renewal', async () => {
    const licence = await issueDriving(under);
    const code = await claimCode(under, licence);
    const { copy, holder } = await claim(under, licence);
    const revoked = await under.call('post', `/v1/licences/${licence}/status`, {
      body: { state: 'revoked', class: 'administrative', reason: 'test', basis: 'test' },
    });
    expect(revoked.status, JSON.stringify(revoked.body)).to.equal(200);
    expect(await codeOf(claimBody(under, code, createHolder()))).to.equal('LICENCE_NOT_LIVING');
    const renewal = await post(renewalBody(under, copy, holder, createHolder()), '/v1/renewals');
    expect(renewal.body.code).to.equal('LICENCE_NOT_LIVING');
  });

  it("gives a lost phone's key no other copy: not by its code again, not by renewal", async () => {
    const licence = await issueDriving(under);
    const code = await claimCode(under, licence);
    const holder = createHolder();
    const { copy } = carry(await post(claimBody(under, code, holder)), holder);
    const copies = await under.gateway.context.desk.copies(licence);
    const lost = copies.find(({ holderKey }) => holderKey !== null);
    const act = (state: string, kind: string) =>
      under.call('post', `/v1/licences/${licence}/status`, {
        body: { state, class: kind, reason: 'test', basis: 'test', copy: lost?.id },
      });
    const tries = async () => {
      const renewal = renewalBody(under, copy, holder, createHolder());
      return [
        await codeOf(claimBody(under, code, holder)),
        (await post(renewal, '/v1/renewals')).body.code as string,
      ];
    };
    expect((await act('suspended', 'lost')).status).to.equal(200);
    expect(await tries()).to.eql(['LICENCE_NOT_LIVING', 'LICENCE_NOT_LIVING']);
    expect((await act('valid', 'reinstated')).status).to.equal(200);
    const again = carry(await post(claimBody(under, code, holder)), holder);
    expect(again.copy).to.deep.equal(copy);
    expect((await act('revoked', 'lost')).status).to.equal(200);
    expect(await tries()).to.eql(['LICENCE_NOT_LIVING', 'LICENCE_NOT_LIVING']);
    expect(await under.gateway.context.desk.copies(licence)).to.have.length(copies.length);
  });

  it('gives nothing of a licence whose legal end is past', async () => {
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const licence = await issueDriving(under, { ...freshDriver(), validTo: tomorrow });
    const code = await claimCode(under, licence);
    const { copy, holder } = await claim(under, licence);
    skew = 4 * 86_400;
    const at = nowSeconds() + skew;
    const late = await under.call('post', `/v1/licences/${licence}/claim-codes`, {
      body: { delivery: 'counter' },
    });
    expect(late.body.code).to.equal('LICENCE_NOT_LIVING');
    const renewal = renewalBody(under, copy, holder, createHolder(), at);
    expect((await post(renewal, '/v1/renewals')).body.code).to.equal('LICENCE_NOT_LIVING');
    skew = 0;
    expect(await codeOf(claimBody(under, code, createHolder()))).to.equal(undefined);
  });

  it('renews for the holder only', async () => {
    const { copy, holder } = await claim(under, await issueDriving(under));
    const [fresh, thief] = [createHolder(), createHolder()];
    const renew = async (body: unknown) => (await post(body, '/v1/renewals')).body.code as string;
    expect(await renew(renewalBody(under, copy, thief, fresh))).to.equal('COPY_UNKNOWN');
    const elsewhere = { ...copy, index: copy.index + 1000 };
    expect(await renew(renewalBody(under, elsewhere, holder, fresh))).to.equal('COPY_UNKNOWN');
    const foreign = { ...copy, kid: keyId(thief.publicKey) };
    expect(await renew(renewalBody(under, foreign, holder, fresh))).to.equal('COPY_UNKNOWN');
    const body = renewalBody(under, copy, holder, fresh);
    const bent = { ...body, newHolderKey: toBase64(thief.publicKey) };
    expect(await renew(bent)).to.equal('CLAIM_PROOF');
    const old = { ...body, at: Number(body['at']) - 1000 };
    expect(await renew(old)).to.equal('CLAIM_PROOF');
  });

  it('traces claims and wrong tries under the licence', async () => {
    const licence = await issueDriving(under);
    const code = await claimCode(under, licence);
    const holder = createHolder();
    await post(claimBody(under, code, holder, { gateway: 'P33' }));
    await post(claimBody(under, code, holder));
    const entries = await under.gateway.context.trace.entriesOf([licence]);
    const claims = entries.map(({ entry }) => entry).filter(({ kind }) => kind === 'claim');
    expect(claims.map(({ outcome }) => outcome)).to.deep.equal(['CLAIM_PROOF', 'ordered', 'done']);
  });

  it('says what is wrong with a malformed claim', async () => {
    const body = claimBody(under, 'AAAA-AAAA-AAAA-AAAA', createHolder());
    for (const bent of [
      { ...body, holderKey: 'AAAA' },
      { ...body, proof: toBase64(new Uint8Array(63)) },
      { ...body, at: 'now' },
      { ...body, more: 1 },
    ]) {
      const { status, body: refused } = await post(bent);
      expect([status, refused.code]).to.deep.equal([400, 'REQUEST_INVALID']);
    }
  });

  it('slows an address that tries codes nobody made', async () => {
    const unknown = () => {
      const code = formatClaimCode(fromHex('0123456789abcdef0123'));
      return claimBody(under, code, createHolder());
    };
    const { code } = (await post({ ...unknown(), code: 'no code' })).body as { code: string };
    expect(code).to.equal('CLAIM_CODE_UNKNOWN');
    const codes: string[] = [];
    for (let i = 0; i < 10; i += 1) codes.push(await codeOf(unknown()));
    expect(codes.slice(0, 9).every((each) => each === 'CLAIM_CODE_UNKNOWN')).to.equal(true);
    expect(codes[9]).to.equal('CLAIM_TRIES');
    const licence = await issueDriving(under);
    const good = claimBody(under, await claimCode(under, licence), createHolder());
    expect(await codeOf(good)).to.equal('CLAIM_TRIES');
  });
});
