// SPDX-License-Identifier: Apache-2.0
// An identity provider that says whatever a test wants: its configuration, its keys, and ID tokens made to order.
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createServer } from 'node:http';

/** An ID token to answer with. */
export interface Lie {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  /** Signed with a key that the provider does not publish. */
  readonly isForged?: boolean;
  /** `none`: no signature at all. */
  readonly isUnsigned?: boolean;
}

/** A provider on loopback. */
export interface LyingProvider {
  readonly issuer: string;
  /** What the next token is like. */
  lie: Lie;
  /** Nonce that the browser brought. */
  nonce: string;
  readonly exchanges: URLSearchParams[];
  stop(): Promise<void>;
}

export const CLIENT_ID = 'gateway-of-the-tests';

/** Starts one. Its codes need no browser: any code is exchanged. */
export async function startLyingProvider(): Promise<LyingProvider> {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const state = { lie: {} as Lie, nonce: '', exchanges: [] as URLSearchParams[] };
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      if (request.url === '/token') state.exchanges.push(new URLSearchParams(text));
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(answer(request.url ?? '')));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const issuer = `http://127.0.0.1:${String(port)}`;
  const answer = (path: string): unknown => {
    if (path === '/jwks') {
      return { keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256' }] };
    }
    if (path === '/token') {
      const key = state.lie.isForged === true ? foreign.privateKey : keys.privateKey;
      const id_token = tokenOf(issuer, state.nonce, state.lie, key);
      return { access_token: 'a', token_type: 'Bearer', id_token };
    }
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256', 'none'],
      code_challenge_methods_supported: ['S256'],
    };
  };
  return Object.assign(state, {
    issuer,
    async stop() {
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

function tokenOf(issuer: string, nonce: string, lie: Lie, key: KeyObject): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, aud: CLIENT_ID, sub: 'zhang', iat: now, exp: now + 300, nonce };
  const isNone = lie.isUnsigned === true;
  const header = { alg: isNone ? 'none' : 'ES256', kid: 'one', ...lie.header };
  const parts = [header, { ...claims, groups: ['officers'], ...lie.claims }];
  const signed = parts.map((each) => Buffer.from(JSON.stringify(each)).toString('base64url'));
  const input = signed.join('.');
  if (isNone) return `${input}.`;
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

/** The S256 challenge of a verifier. */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}
