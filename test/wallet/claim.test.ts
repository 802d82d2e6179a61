// SPDX-License-Identifier: Apache-2.0
// Claiming: against an honest gateway that is slow or silent, and against one that lies.
import { expect } from 'chai';
import { DRIVING } from '@zhenglian/core/types/driving';
import { createSm2Signer } from '../support/evidence-maker.ts';
import { freshWallets } from '../support/fresh-wallets.ts';
import { CODE, LICENCE, WalletGateway } from '../support/wallet-gateway.ts';
import { jsonOf, refusalOf, runHere } from '../support/wallet-process.ts';
import type { Ended, HereOptions } from '../support/wallet-process.ts';

describe('wallet: claim', () => {
  const fresh = freshWallets();
  const { here } = fresh;
  const claim = (argv: readonly string[] = [], options?: HereOptions): Promise<Ended> =>
    here(
      [
        'claim',
        CODE,
        '--gateway',
        fresh.gateway.url,
        '--fingerprint',
        fresh.gateway.fingerprint,
        ...argv,
      ],
      options,
    );
  const isEmpty = async () => {
    const { licences } = jsonOf(await here(['list'])) as { licences: unknown[] };
    return licences.length === 0;
  };
  const claims = () => fresh.gateway.received.filter(({ path }) => path === '/v1/claims');

  it('keeps everything the holder needs, and has checked it', async () => {
    expect(jsonOf(await claim())).to.include({ licence: LICENCE, verified: true, copies: 1 });
    const shown = jsonOf(await here(['show'])) as { attachments: object; number: string };
    expect(shown.attachments).to.deep.equal({ photo: '（相片）' });
    expect(shown.number).to.match(/^1\.2\.156\.3005\.2\.11100000000013127D002/);
  });

  it('repeats the very same request while the licence waits for its anchor', async () => {
    fresh.gateway.conduct.waits = 2;
    expect((await claim()).code).to.equal(0);
    const [first, ...others] = claims();
    expect(others).to.have.lengthOf(2);
    expect(first?.key).to.match(/^[0-9a-f]{32}$/);
    for (const other of others) expect(other).to.deep.equal(first);
  });

  it('gives up waiting, and goes on with the same key when run again', async () => {
    fresh.gateway.conduct.waits = 2;
    expect(refusalOf(await claim(['--wait', '0']))).to.equal('ANCHOR_WAIT');
    expect(await isEmpty()).to.equal(true);
    expect(refusalOf(await claim(['--wait', '0']))).to.equal('ANCHOR_WAIT');
    expect((await claim(['--wait', '0'])).code).to.equal(0);
    const keys = claims().map(({ body }) => body['holderKey']);
    expect(new Set(keys).size).to.equal(1);
    expect(new Set(claims().map(({ key }) => key)).size).to.equal(3);
    expect(fresh.gateway.minted).to.have.lengthOf(1);
  });

  it('makes a fresh key for every claim', async () => {
    await claim();
    fresh.gateway.anotherCode();
    expect(jsonOf(await claim())).to.include({ copies: 2 });
    const keys = claims().map(({ body }) => body['holderKey']);
    expect(new Set(keys).size).to.equal(2);
  });

  it('sends the last six where the code came by letter', async () => {
    fresh.gateway.conduct.lastSix = '070012';
    expect(refusalOf(await claim())).to.equal('CLAIM_PROOF');
    expect((await claim(['--last-six', '070012'])).code).to.equal(0);
  });

  it('tells of copies in other wallets, not of its own', async () => {
    const other = { kid: '00'.repeat(8), epoch: 1, index: 77, firstDay: 20000, lastDay: 20001 };
    fresh.gateway.conduct.otherCopies = [{ ...other, state: 'valid' }];
    expect(jsonOf(await claim())['otherCopies']).to.have.lengthOf(1);
    fresh.gateway.anotherCode();
    const again = await runHere([
      'claim',
      CODE,
      '--gateway',
      fresh.gateway.url,
      '--wallet',
      fresh.wallet,
    ]);
    expect(again.out).to.include('Another 1 copies');
  });

  it('says so when nobody could vouch for the signature', async () => {
    fresh.gateway.conduct.withoutBundle = true;
    expect(jsonOf(await claim())).to.include({ verified: false });
    const shown = await runHere(['show', '--wallet', fresh.wallet]);
    expect(shown.out).to.include('signature was not checked');
    expect(shown.out)
      .to.match(/Handle +[0-9a-f]{32}/)
      .and.match(/Hearing aid required +No +hearingAid/);
    const chinese = await runHere(['show', '--wallet', fresh.wallet, '--lang', 'zh']);
    expect(chinese.out)
      .to.match(/系统编号 +[0-9a-f]{32}/)
      .and.match(/听力辅助条件 +否 /);
  });

  it('passes on what the gateway refuses, in its codes', async () => {
    for (const [status, code] of [
      [410, 'CLAIM_CODE_SPENT'],
      [410, 'CLAIM_CODE_EXPIRED'],
      [429, 'CLAIM_TRIES'],
      [409, 'LICENCE_NOT_LIVING'],
    ] as const) {
      fresh.gateway.conduct.problem = { status, code };
      expect(refusalOf(await claim())).to.equal(code);
    }
    fresh.gateway.conduct.problem = { status: 500, code: 'INTERNAL' };
    const refused = jsonOf(await claim()) as { error: { code: string; detail: object } };
    expect(refused.error.code).to.equal('GATEWAY_REFUSED');
    expect(refused.error.detail).to.deep.equal({ status: 500, code: 'INTERNAL' });
    fresh.gateway.conduct.problem = undefined;
    const args = ['claim', 'ZZZZ-ZZZZ-ZZZZ-ZZZZ', '--gateway', fresh.gateway.url];
    const unknown = await here([...args, '--fingerprint', fresh.gateway.fingerprint]);
    expect(refusalOf(unknown)).to.equal('CLAIM_CODE_UNKNOWN');
  });

  it('refuses command lines that cannot be meant', async () => {
    const { url } = fresh.gateway;
    expect(refusalOf(await here(['claim', CODE]))).to.equal('USAGE');
    expect(refusalOf(await here(['claim', '--gateway', url]))).to.equal('USAGE');
    expect(refusalOf(await here(['claim', CODE, '--gateway', 'ftp://x']))).to.equal('USAGE');
    expect(refusalOf(await here(['claim', CODE, 'more', '--gateway', url]))).to.equal('USAGE');
    expect(refusalOf(await claim(['--wait', '1000']))).to.equal('USAGE');
    expect(refusalOf(await claim(['--lang', 'fr']))).to.equal('USAGE');
    const short = ['claim', CODE, '--gateway', url, '--fingerprint', 'abcd'];
    expect(refusalOf(await here(short))).to.equal('USAGE');
    expect(refusalOf(await here(['claim', '0123', '--gateway', url]))).to.equal(
      'CLAIM_CODE_INVALID',
    );
    expect(fresh.gateway.received).to.deep.equal([]);
  });

  it('says when no gateway answers', async () => {
    const silent = ['claim', CODE, '--gateway', 'http://127.0.0.1:9'];
    expect(refusalOf(await here(silent))).to.equal('GATEWAY_UNREACHABLE');
  });

  describe('the network', () => {
    it('is confirmed by somebody before the first claim, and by nobody silently', async () => {
      const bare = ['claim', CODE, '--gateway', fresh.gateway.url];
      expect(refusalOf(await here(bare))).to.equal('FINGERPRINT_NEEDED');
      expect(refusalOf(await here(bare, { answers: ['no'] }))).to.equal('DECLINED');
      expect(claims()).to.have.lengthOf(0);
      const agreed = await here(bare, { answers: ['yes'] });
      expect(agreed.code).to.equal(0);
      expect(agreed.err.replaceAll(' ', '')).to.include(fresh.gateway.fingerprint);
    });

    it('is never replaced', async () => {
      await claim();
      const foreign = await WalletGateway.start();
      try {
        const other = ['claim', CODE, '--gateway', foreign.url];
        expect(refusalOf(await here(other, { answers: ['yes'] }))).to.equal('NETWORK_MISMATCH');
        const given = [...other, '--fingerprint', foreign.fingerprint];
        expect(refusalOf(await here(given))).to.equal('NETWORK_MISMATCH');
        expect(foreign.received.map(({ path }) => path)).not.to.include('/v1/claims');
      } finally {
        await foreign.stop();
      }
    });

    it('has trust bundles that are fresh, its own and no older than seen', async () => {
      fresh.gateway.conduct.bundle = { version: 20 };
      await claim();
      fresh.gateway.anotherCode();
      fresh.gateway.conduct.bundle = { version: 20, nonce: new Uint8Array(16) };
      expect(refusalOf(await claim())).to.equal('ANSWER_QUESTION');
      fresh.gateway.conduct.bundle = { version: 19 };
      expect(refusalOf(await claim())).to.equal('ANSWER_OLDER');
      fresh.gateway.conduct.bundle = { version: 20 };
      expect(jsonOf(await claim())).to.include({ copies: 2, verified: true });
    });
  });

  describe('a dishonest gateway', () => {
    const refused = async (): Promise<unknown> => {
      const ended = await claim();
      expect(refusalOf(ended)).to.equal('COPY_REFUSED');
      expect(await isEmpty()).to.equal(true);
      return (jsonOf(ended) as { error: { detail: unknown } }).error.detail;
    };

    it('cannot sign with a key the bundle does not name', async () => {
      fresh.gateway.conduct.signer = createSm2Signer();
      expect(await refused()).to.include({ reason: 'KEY_UNKNOWN' });
    });

    it('cannot change a field', async () => {
      fresh.gateway.conduct.bendCopy = (copy) => {
        const values = copy.values.map((value) => (value === '王小明' ? '王大明' : value));
        return { ...copy, values };
      };
      expect(await refused()).to.deep.equal({ check: 'signature', reason: 'SIGNATURE_INVALID' });
    });

    it('cannot give somebody else’s copy', async () => {
      const { publicKey } = createSm2Signer();
      const key = publicKey.slice(0, 33);
      fresh.gateway.conduct.bendCopy = (copy) => ({ ...copy, holderKey: key });
      expect(await refused()).to.include({ check: 'holder' });
      fresh.gateway.anotherCode();
      fresh.gateway.conduct.bendCopy = (copy) => ({ ...copy, holderKey: null });
      expect(await refused()).to.include({ check: 'holder' });
    });

    it('cannot make up a type, not even its labels', async () => {
      fresh.gateway.conduct.type = { ...DRIVING, label: { zh: '驾照', en: 'Licence' } };
      expect(await refused()).to.deep.equal({ check: 'format', reason: 'TYPE_UNKNOWN' });
      fresh.gateway.conduct.type = { ...DRIVING, number: 4 };
      expect(await refused()).to.deep.equal({ check: 'format', reason: 'TYPE_UNKNOWN' });
    });

    it('cannot name another issuer or network', async () => {
      const issuer = { uscc: '11440000MADEMQ0125', name: { zh: '甲', en: 'A' } };
      fresh.gateway.conduct.bend = (body) => ({ ...body, issuer });
      expect(await refused()).to.include({ check: 'authority' });
      fresh.gateway.conduct.bend = (body) => ({ ...body, networkId: '00'.repeat(32) });
      expect(await refused()).to.include({ reason: 'ANSWER_NETWORK' });
    });

    it('cannot use a key without scope, or an authority that lost its accreditation', async () => {
      fresh.gateway.conduct.bundle = { keyTypes: ['business'] };
      expect(await refused()).to.include({ reason: 'SCOPE_TYPE' });
      fresh.gateway.conduct.bundle = { withoutAuthority: true };
      expect(await refused()).to.include({ check: 'authority' });
      fresh.gateway.conduct.bundle = { authorityStatus: 'withdrawn' };
      expect(await refused()).to.include({ reason: 'AUTHORITY_WITHDRAWN' });
      fresh.gateway.conduct.bundle = {};
      expect((await claim()).code).to.equal(0);
    });

    it('cannot answer with anything else', async () => {
      for (const bend of [
        () => 'not JSON',
        () => [],
        () => null,
        (body: object) => ({ ...body, copies: 'x' }),
        (body: object) => ({ ...body, typeDefinition: '!!' }),
        (body: object) => ({ ...body, typeDefinition: 'AAAA' }),
        (body: object) => ({ ...body, licence: '../../etc' }),
      ]) {
        fresh.gateway.conduct.bend = bend;
        expect(refusalOf(await claim())).to.equal('GATEWAY_ANSWER');
      }
      fresh.gateway.conduct.bend = (body) => ({ ...body, copies: ['AAAA'] });
      expect(await refused()).to.include({ check: 'format' });
    });
  });
});
