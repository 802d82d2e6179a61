// SPDX-License-Identifier: Apache-2.0
// Renewing and removing: when it is time, under a new key, one refusal not hindering the rest.
import { expect } from 'chai';
import { readLicences } from '@zhenglian/wallet-cli/held-licence';
import { openWalletFile } from '@zhenglian/wallet-cli/wallet-file';
import { utf8 } from '@zhenglian/core/bytes';
import { freshWallets } from '../support/fresh-wallets.ts';
import { CODE } from '../support/wallet-gateway.ts';
import { jsonOf, PASSPHRASE, refusalOf } from '../support/wallet-process.ts';
import type { Ended } from '../support/wallet-process.ts';

describe('wallet: renew and remove', () => {
  const fresh = freshWallets();
  const { here } = fresh;
  const claim = () =>
    here([
      'claim',
      CODE,
      '--gateway',
      fresh.gateway.url,
      '--fingerprint',
      fresh.gateway.fingerprint,
    ]);
  const outcomes = (ended: Ended) =>
    (jsonOf(ended) as { copies: { outcome: string; code?: string }[] }).copies;
  const stored = async () => {
    const file = await openWalletFile(fresh.wallet, () => Promise.resolve(utf8(PASSPHRASE)));
    try {
      const copies = (await readLicences(file)).flatMap((licence) => licence.copies);
      return { copies, names: [...(await file.keys('key/')), ...(await file.keys('pending/'))] };
    } finally {
      await file.close();
    }
  };

  it('leaves a copy alone until its last 60 days or until the gateway says so', async () => {
    await claim();
    expect(outcomes(await here(['renew']))).to.deep.equal([]);
    const later = (days: number) => ({
      clock: () => Math.floor(Date.now() / 1000) + days * 86_400,
    });
    fresh.gateway.conduct.problem = { status: 404, code: 'COPY_UNKNOWN' };
    expect(outcomes(await here(['renew'], later(199)))).to.deep.equal([]);
    expect(outcomes(await here(['renew'], later(201)))).to.have.lengthOf(1);

    fresh.gateway.reset();
    fresh.gateway.conduct.days = 61;
    fresh.gateway.conduct.licence = '1a'.repeat(16);
    await claim();
    const only = ['renew', '1a1a1a1a'];
    expect(outcomes(await here(only))).to.deep.equal([]);
    fresh.gateway.conduct.problem = { status: 404, code: 'COPY_UNKNOWN' };
    expect(outcomes(await here(only, later(1)))).to.have.lengthOf(1);
  });

  it('puts a new copy under a new key in the place of the old one', async () => {
    fresh.gateway.conduct.days = 60;
    await claim();
    const before = await stored();
    fresh.gateway.conduct.days = 300;
    const renewed = await here(['renew']);
    expect(renewed.code).to.equal(0);
    expect(outcomes(renewed).map(({ outcome }) => outcome)).to.deep.equal(['renewed']);
    const now = await stored();
    expect(now.copies).to.have.lengthOf(1);
    expect(now.copies[0]?.verified).to.equal(true);
    expect(now.names).to.have.lengthOf(1);
    expect(now.names).not.to.deep.equal(before.names);
    const { copy } = jsonOf(await here(['present', '--set', 'roadside'])) as {
      copy: { index: number };
    };
    expect(copy.index).to.equal(1);
    expect(fresh.gateway.minted[0]?.holderKey).not.to.deep.equal(
      fresh.gateway.minted[1]?.holderKey,
    );
  });

  it('goes on with the same new key after a wait, by force and at another address', async () => {
    await claim();
    fresh.gateway.conduct.waits = 1;
    const first = await here(['renew', '--force', '--wait', '0']);
    expect(first.code).to.equal(1);
    expect(outcomes(first)[0]).to.include({ outcome: 'refused', code: 'ANCHOR_WAIT' });
    const second = await here(['renew', '--force', '--gateway', `${fresh.gateway.url}/`]);
    expect(second.code).to.equal(0);
    const keys = fresh.gateway.received
      .filter(({ path }) => path === '/v1/renewals')
      .map(({ body }) => body['newHolderKey']);
    expect(keys).to.have.lengthOf(2);
    expect(new Set(keys).size).to.equal(1);
  });

  it('says what is refused, and keeps the old copy', async () => {
    await claim();
    fresh.gateway.conduct.problem = { status: 404, code: 'COPY_UNKNOWN' };
    const refused = await here(['renew', '--force']);
    expect(refused.code).to.equal(1);
    expect(outcomes(refused)[0]).to.include({ outcome: 'refused', code: 'COPY_UNKNOWN' });
    fresh.gateway.conduct.problem = undefined;
    fresh.gateway.conduct.licence = '2b'.repeat(16);
    expect(outcomes(await here(['renew', '--force']))[0]).to.include({ code: 'GATEWAY_ANSWER' });
    expect((await here(['present', '--set', 'roadside'])).code).to.equal(0);
    expect(refusalOf(await here(['renew', 'dddd']))).to.equal('NOT_IN_WALLET');
  });

  it('removes a licence with its keys, once confirmed', async () => {
    await claim();
    fresh.gateway.conduct.waits = 1;
    await here(['renew', '--force', '--wait', '0']);
    fresh.gateway.conduct.licence = '3c'.repeat(16);
    fresh.gateway.anotherCode();
    await claim();
    expect((await stored()).names).to.have.lengthOf(4);
    expect(refusalOf(await here(['remove']))).to.equal('USAGE');
    expect(refusalOf(await here(['remove', 'driving', '--yes']))).to.equal('LICENCE_AMBIGUOUS');
    expect(refusalOf(await here(['remove', '0f0f']))).to.equal('DECLINED');
    expect(refusalOf(await here(['remove', '0f0f'], { answers: ['n'] }))).to.equal('DECLINED');
    expect((await here(['remove', '0f0f'], { answers: ['y'] })).code).to.equal(0);
    const left = await stored();
    expect(left.copies).to.have.lengthOf(1);
    expect(left.names).to.have.lengthOf(1);
  });
});
