// SPDX-License-Identifier: Apache-2.0
// Sign-in by an identity provider on a whole gateway: the good way over a real one (oidc-provider), the bad ways over one
// that lies.
import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import request from 'supertest';
import type { OidcConfig } from '../../../gateway/src/config/oidc.ts';
import { CALLBACK_PATH } from '../../../gateway/src/oidc/provider.ts';
import { cookieOf, openOffice } from '../accounts/office.ts';
import type { Office } from '../accounts/office.ts';
import { challengeOf, CLIENT_ID, startLyingProvider } from './lying-provider.ts';
import type { Lie, LyingProvider } from './lying-provider.ts';
import { KEY_CLIENT, SECRET, startRealProvider, walkAt } from './real-provider.ts';
import type { RealProvider } from './real-provider.ts';

const OIDC_PATH = '/v1/oidc/sign-in';
const ORIGIN = 'http://127.0.0.1:1';
const GRANTS: OidcConfig['grants'] = [
  {
    ...{ claim: 'groups', value: 'officers', roles: ['officer'] },
    ...{ divisions: ['4401'], types: ['driving'] },
  },
  { claim: 'sub', value: 'li', roles: ['clerk'], divisions: 'all', types: 'all' },
];
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const keyPem = keys.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

describe('gateway: sign-in by an identity provider', function () {
  this.timeout(120_000);
  const offices: Office[] = [];
  after(async () => {
    for (const office of offices) await office.close();
  });

  const officeFor = async (issuer: string, more: Partial<OidcConfig> = {}): Promise<Office> => {
    const proof = { secret: SECRET };
    const oidc = { issuer, clientId: CLIENT_ID, proof, origin: ORIGIN, grants: GRANTS, ...more };
    const office = await openOffice({ oidc });
    offices.push(office);
    return office;
  };

  const get = (office: Office, path: string, cookie = '', accept = 'application/json') =>
    request(office.gateway.app)
      .get(path)
      .set({ Accept: accept, ...(cookie === '' ? {} : { Cookie: cookie }) });
  /** Who the browser is that got this answer. */
  const whoIs = async (office: Office, answer: request.Response) => {
    const cookies = (answer.headers['set-cookie'] ?? []) as unknown as string[];
    const own = cookies.filter((cookie) => cookie.startsWith('zl='));
    if (own.length === 0) return undefined;
    const cookie = cookieOf({ status: 0, body: {}, headers: {}, cookies: own });
    return (await office.send('get', '/v1/session', { cookie })).body as Record<string, unknown>;
  };

  const begin = async (office: Office) => {
    const begun = await get(office, OIDC_PATH);
    expect(begun.status).to.equal(303);
    const [cookie = ''] = begun.headers['set-cookie'] as unknown as string[];
    expect(cookie).to.match(/^zl-oidc=[0-9a-f]{64};.*HttpOnly;.*SameSite=Lax/);
    return { url: new URL(begun.headers['location'] ?? ''), cookie: cookie.split(';')[0] ?? '' };
  };

  describe('by a real provider', () => {
    let provider: RealProvider;
    let issuer: string;
    before(async () => {
      provider = await startRealProvider(ORIGIN + CALLBACK_PATH, keys.publicKey);
      ({ issuer } = provider);
    });
    after(() => provider.stop());
    const walk = (from: URL, login: string) => walkAt(from, login, ORIGIN);

    it('gives the roles and scope of the grant, once', async () => {
      const office = await officeFor(issuer);
      const { url, cookie } = await begin(office);
      expect(url.searchParams.get('code_challenge_method')).to.equal('S256');
      const back = await walk(url, 'zhang');
      const path = back.pathname + back.search;
      const done = await get(office, path, cookie);
      expect([done.status, done.headers['location']], done.text).to.eql([303, '/#/entered']);
      const who = await whoIs(office, done);
      expect(who).to.include({ how: 'oidc', role: 'officer' });
      expect(who?.['actor']).to.match(/^oidc-[0-9a-f]{16}$/);
      expect(who?.['scope']).to.eql({ divisions: ['4401'], types: ['driving'] });
      expect(who).to.not.have.any.keys('name', 'secondFactor');

      const replayed = await get(office, path, cookie);
      expect([replayed.status, replayed.body.code]).to.eql([400, 'OIDC_STATE']);
      expect(await whoIs(office, replayed)).to.equal(undefined);
      const told = await office.traced('sign-in');
      expect(told.map(({ actor, outcome }) => [actor, outcome])).to.eql([
        [who?.['actor'], 'done'],
        ['nobody', 'OIDC_STATE'],
      ]);
      const words = JSON.stringify(told) + office.logs.join();
      for (const secret of ['zhang', back.searchParams.get('code') ?? '-', SECRET]) {
        expect(words).to.not.include(secret);
      }
    });

    it('is shown a key instead of a secret (private_key_jwt), and another key is none', async () => {
      const known = await officeFor(issuer, { clientId: KEY_CLIENT, proof: { keyPem } });
      const first = await begin(known);
      const back = await walk(first.url, 'zhang');
      const done = await get(known, back.pathname + back.search, first.cookie);
      expect([done.status, done.headers['location']], done.text).to.eql([303, '/#/entered']);
      expect(await whoIs(known, done)).to.include({ role: 'officer' });

      const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
      const other = foreign.export({ format: 'pem', type: 'pkcs8' }).toString();
      const unknown = await officeFor(issuer, { clientId: KEY_CLIENT, proof: { keyPem: other } });
      const second = await begin(unknown);
      const again = await walk(second.url, 'zhang');
      const refused = await get(unknown, again.pathname + again.search, second.cookie);
      expect([refused.status, refused.body.code]).to.eql([401, 'OIDC_REFUSED']);
      expect(await whoIs(unknown, refused)).to.equal(undefined);
    });

    it('gives nothing to whom no grant fits, and tells a browser by its page', async () => {
      const office = await officeFor(issuer);
      const { url, cookie } = await begin(office);
      const back = await walk(url, 'wang');
      const done = await get(office, back.pathname + back.search, cookie);
      expect([done.status, done.body.code]).to.eql([403, 'OIDC_NO_ROLE']);
      expect(await whoIs(office, done)).to.equal(undefined);
      const anew = await begin(office);
      const there = await walk(anew.url, 'wang');
      const path = there.pathname + there.search;
      const page = await get(office, path, anew.cookie, 'text/html');
      expect([page.status, page.headers['location']]).to.eql([303, '/#/refused/OIDC_NO_ROLE']);
    });

    it('takes a code once, whichever sign-in brings it', async () => {
      const office = await officeFor(issuer);
      const first = await begin(office);
      const code = (await walk(first.url, 'zhang')).searchParams;
      const good = `${CALLBACK_PATH}?${code.toString()}`;
      expect((await get(office, good, first.cookie)).status).to.equal(303);
      const second = await begin(office);
      code.set('state', second.url.searchParams.get('state') ?? '');
      const refused = await get(office, `${CALLBACK_PATH}?${code.toString()}`, second.cookie);
      expect([refused.status, refused.body.code]).to.eql([401, 'OIDC_REFUSED']);
    });
  });

  describe('by a provider that lies', () => {
    let provider: LyingProvider;
    let office: Office;
    before(async () => {
      provider = await startLyingProvider();
      office = await officeFor(provider.issuer);
    });
    after(() => provider.stop());

    const attempt = async (lie: Lie, nonce?: string) => {
      const { url, cookie } = await begin(office);
      provider.lie = lie;
      provider.nonce = nonce ?? url.searchParams.get('nonce') ?? '';
      const state = url.searchParams.get('state') ?? '';
      const answer = await get(office, `${CALLBACK_PATH}?code=c&state=${state}`, cookie);
      return { answer, url };
    };

    it('believes what is in order, and proves that the code is its own', async () => {
      const { answer, url } = await attempt({});
      expect(answer.status, answer.text).to.equal(303);
      expect(await whoIs(office, answer)).to.deep.include({ roles: ['officer'] });
      const verifier = provider.exchanges.map((each) => each.get('code_verifier')).pop() ?? '';
      expect(challengeOf(verifier)).to.equal(url.searchParams.get('code_challenge'));
    });

    const past = Math.floor(Date.now() / 1000) - 7200;
    const lies: Readonly<Record<string, Lie>> = {
      'a forged signature': { isForged: true },
      'no signature (alg none)': { isUnsigned: true },
      'an algorithm of a shared secret': { header: { alg: 'HS256' } },
      'another audience': { claims: { aud: 'another-client' } },
      'another issuer': { claims: { iss: 'https://elsewhere.example' } },
      'an expired token': { claims: { iat: past, exp: past + 60 } },
      'no expiry': { claims: { exp: undefined } },
      'no subject': { claims: { sub: undefined } },
      'no nonce': { claims: { nonce: undefined } },
    };
    for (const [what, lie] of Object.entries(lies)) {
      it(`refuses ${what}`, async () => {
        const { answer } = await attempt(lie);
        expect([answer.status, answer.body.code]).to.eql([401, 'OIDC_REFUSED']);
        expect(await whoIs(office, answer)).to.equal(undefined);
        expect(answer.headers['set-cookie']?.[0]).to.match(/^zl-oidc=;/);
      });
    }

    it('refuses the nonce of another sign-in', async () => {
      const { answer } = await attempt({}, 'another-nonce');
      expect(answer.body.code).to.equal('OIDC_REFUSED');
    });

    it('refuses a state that is foreign, unknown, of another browser, used or old', async () => {
      provider.lie = {};
      const back = (state: string, cookie: string) =>
        get(office, `${CALLBACK_PATH}?code=c&state=${state}`, cookie);
      const mine = await begin(office);
      const theirs = await begin(office);
      const state = ({ url }: typeof mine) => url.searchParams.get('state') ?? '';
      const exchanges = provider.exchanges.length;
      const refusals = [
        await back(state(theirs), mine.cookie),
        await back('unknown', mine.cookie),
        await back(state(mine), 'zl-oidc='),
        await get(office, `${CALLBACK_PATH}?code=c`),
      ];
      const late = await begin(office);
      office.now += 600;
      refusals.push(await back(state(late), late.cookie));
      for (const answer of refusals) {
        expect([answer.status, answer.body.code]).to.eql([400, 'OIDC_STATE']);
        expect(await whoIs(office, answer)).to.equal(undefined);
      }
      expect(provider.exchanges.length, 'no code was shown').to.equal(exchanges);
      const kept = await begin(office);
      office.now += 599;
      await office.gateway.context.accounts.forget();
      provider.nonce = kept.url.searchParams.get('nonce') ?? '';
      expect((await back(state(kept), kept.cookie)).status).to.equal(303);
      const old = await begin(office);
      office.now += 600;
      await office.gateway.context.accounts.forget();
      expect((await back(state(old), old.cookie)).body.code).to.equal('OIDC_STATE');
    });

    it('says when the provider does not answer, and where none is configured', async () => {
      const silent = await officeFor('http://127.0.0.1:9');
      const begun = await get(silent, OIDC_PATH);
      expect([begun.status, begun.body.code]).to.eql([503, 'OIDC_UNAVAILABLE']);
      const page = await get(silent, OIDC_PATH, '', 'text/html');
      expect(page.headers['location']).to.equal('/#/refused/OIDC_UNAVAILABLE');
      const none = await openOffice();
      offices.push(none);
      for (const path of [OIDC_PATH, `${CALLBACK_PATH}?code=c&state=s`]) {
        const answer = await get(none, path);
        expect([answer.status, answer.body.code]).to.eql([404, 'OIDC_NONE']);
      }
    });
  });
});
