// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import { ALL, openOffice } from './office.ts';
import type { Answer, Office } from './office.ts';

const FORM = {
  grant_type: 'client_credentials',
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
};

describe('gateway: machine clients', function () {
  this.timeout(300_000);
  let office: Office;
  let keys: CryptoKey;
  let publicKey: JWK;
  let client: string;
  let audience: string;
  let count = 0;

  before(async () => {
    office = await openOffice();
    [keys, publicKey] = await newKey('ES256');
    const made = await register([publicKey]);
    client = made.body.client.id;
    audience = made.body.audience;
  });
  after(() => office.close());

  const register = (jwks: readonly JWK[], roles = ['machine']) =>
    office.admin('post', '/v1/clients', { name: 'import-system', roles, scope: ALL, keys: jwks });
  const claims = (more: Record<string, unknown> = {}) => ({
    ...{ iss: client, sub: client, aud: audience, jti: `assertion-number-${count++}` },
    ...{ iat: office.now, exp: office.now + 60, ...more },
  });
  const sign = (
    payload: Record<string, unknown>,
    {
      key = keys,
      alg = 'ES256',
      kid = 'k1',
    }: { key?: CryptoKey | Uint8Array; alg?: string; kid?: string } = {},
  ) => new SignJWT(payload).setProtectedHeader({ alg, kid }).sign(key);
  const ask = (assertion: string) =>
    office.send('post', '/v1/token', { form: { ...FORM, client_assertion: assertion } });
  const codeOf = ({ status, body }: Answer) => [status, body.code];

  it('get a token of ten minutes for an assertion signed with their key', async () => {
    const granted = await ask(await sign(claims()));
    expect(granted.status).to.equal(200);
    expect(granted.body).to.include({ token_type: 'Bearer', expires_in: 600 });
    const token = granted.body.access_token;
    const who = await office.send('get', '/v1/session', { token });
    expect(who.body).to.deep.include({ roles: ['machine'], how: 'machine-token' });
    expect(who.body.actor).to.equal(`machine-${client.slice(0, 12)}`);
    const accounts = await office.send('get', '/v1/accounts', { token });
    expect(codeOf(accounts)).to.deep.equal([403, 'ROLE_DENIED']);
    await office.restart();
    expect((await office.send('get', '/v1/session', { token })).status).to.equal(200);
    office.now += 600;
    expect((await office.send('get', '/v1/session', { token })).status).to.equal(401);
    expect((await office.send('get', '/v1/session', { token: `${token}0` })).status).to.equal(401);
  });

  it('may have an Ed25519 key', async () => {
    const [key, jwk] = await newKey('EdDSA');
    const made = await register([jwk]);
    const id = made.body.client.id;
    const assertion = await sign(claims({ iss: id, sub: id }), { key, alg: 'EdDSA' });
    expect((await ask(assertion)).status).to.equal(200);
  });

  it('get nothing for an assertion that is forged, unsigned or of another algorithm', async () => {
    const [stranger] = await newKey('ES256');
    const [edward] = await newKey('EdDSA');
    const good = await sign(claims());
    const [head = '', body = '', signature = ''] = good.split('.');
    const changed = Buffer.from(JSON.stringify(claims({ sub: client }))).toString('base64url');
    const forged = [
      await sign(claims(), { key: stranger }),
      await sign(claims(), { key: edward, alg: 'EdDSA' }),
      // The public key as the secret of an HMAC.
      await sign(claims(), {
        key: new TextEncoder().encode(JSON.stringify(publicKey)),
        alg: 'HS256',
      }),
      new UnsecuredJWT(claims()).encode(),
      `${head}.${changed}.${signature}`,
      `${head}.${body}.`,
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`,
      await sign(claims({ iss: '0'.repeat(32), sub: '0'.repeat(32) })),
      await sign(claims({ iss: 'another' })),
      await sign(claims({ jti: 'short' })),
      await sign({ ...claims(), jti: undefined }),
      await sign(claims({ exp: office.now + 3600 })),
      'nothing',
      '..',
    ];
    for (const assertion of forged) {
      expect(codeOf(await ask(assertion)), assertion).to.deep.equal([401, 'ASSERTION_INVALID']);
    }
  });

  it('get nothing for one that is for others, too old or of the future', async () => {
    const wrongAudience = await ask(await sign(claims({ aud: 'urn:zhenglian:other' })));
    expect(codeOf(wrongAudience)).to.deep.equal([401, 'ASSERTION_AUDIENCE']);
    const old = { iat: office.now - 200, exp: office.now - 100 };
    expect(codeOf(await ask(await sign(claims(old))))).to.deep.equal([401, 'ASSERTION_EXPIRED']);
    const future = await ask(await sign(claims({ iat: office.now + 100, exp: office.now + 200 })));
    expect(codeOf(future)).to.deep.equal([401, 'ASSERTION_INVALID']);
  });

  it('get one token for one assertion, however often it comes', async () => {
    const assertion = await sign(claims());
    const answers = await Promise.all([1, 2, 3].map(() => ask(assertion)));
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([200, 401, 401]);
    await office.restart();
    expect(codeOf(await ask(assertion))).to.deep.equal([401, 'ASSERTION_REPLAYED']);
    office.now += 60;
    await office.gateway.context.accounts.forget();
    expect(codeOf(await ask(assertion))).to.deep.equal([401, 'ASSERTION_REPLAYED']);
    office.now += 60;
    await office.gateway.context.accounts.forget();
    expect(codeOf(await ask(assertion))).to.deep.equal([401, 'ASSERTION_EXPIRED']);
  });

  it('lose their tokens when they are disabled', async () => {
    const [key, jwk] = await newKey('ES256');
    const { id } = (await register([jwk])).body.client;
    const token = (await ask(await sign(claims({ iss: id, sub: id }), { key }))).body.access_token;
    const disabled = await office.admin('post', `/v1/clients/${id}/disabling`);
    expect(disabled.body.state).to.equal('disabled');
    expect((await office.send('get', '/v1/session', { token })).status).to.equal(401);
    const again = await ask(await sign(claims({ iss: id, sub: id }), { key }));
    expect(codeOf(again)).to.deep.equal([401, 'ASSERTION_INVALID']);
    const none = await office.admin('post', `/v1/clients/${'0'.repeat(32)}/disabling`);
    expect(codeOf(none)).to.deep.equal([404, 'CLIENT_UNKNOWN']);
    const { clients } = (await office.admin('get', '/v1/clients')).body;
    expect(clients.map((each: { id: string }) => each.id)).to.include(id);
  });

  it('are registered with public keys of the list only, and never as administrators', async () => {
    const [, jwk] = await newKey('ES256');
    const secret = { ...jwk, d: 'AAAA' };
    for (const jwks of [[], [secret], [{ kty: 'oct', k: 'AAAA', kid: 'k1' }]]) {
      expect(codeOf(await register(jwks))).to.deep.equal([400, 'REQUEST_INVALID']);
    }
    expect((await register([jwk], ['administrator'])).status).to.equal(400);
  });

  it('speak the form of OAuth', async () => {
    const json = await office.send('post', '/v1/token', { body: FORM });
    expect(codeOf(json)).to.deep.equal([415, 'MEDIA_TYPE']);
    const form = { ...FORM, grant_type: 'password', client_assertion: 'x' };
    const password = await office.send('post', '/v1/token', { form });
    expect(codeOf(password)).to.deep.equal([400, 'REQUEST_INVALID']);
  });

  it('are in the trace, granted or refused', async () => {
    const outcomes = (await office.traced('token')).map(({ outcome }) => outcome);
    expect(outcomes).to.include.members([
      ...['done', 'ASSERTION_INVALID', 'ASSERTION_AUDIENCE', 'ASSERTION_EXPIRED'],
      'ASSERTION_REPLAYED',
    ]);
  });
});

async function newKey(alg: string): Promise<[CryptoKey, JWK]> {
  const { privateKey, publicKey } = await generateKeyPair(alg);
  return [privateKey, { ...(await exportJWK(publicKey)), kid: 'k1' }];
}
