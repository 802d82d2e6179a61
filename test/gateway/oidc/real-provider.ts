// SPDX-License-Identifier: Apache-2.0
// A real identity provider on loopback (oidc-provider), and a browser at its own pages.
import type { KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import { expect } from 'chai';
import Provider from 'oidc-provider';
import { CLIENT_ID } from './lying-provider.ts';

export const SECRET = 'a-secret-of-the-tests-only';
/** A client that proves itself with a key. */
export const KEY_CLIENT = 'gateway-with-a-key';

export interface RealProvider {
  readonly issuer: string;
  stop(): Promise<void>;
}

/** Starts one with a client that has a secret and one that has this key. */
export async function startRealProvider(redirect: string, key: KeyObject): Promise<RealProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const issuer = `http://127.0.0.1:${String(port)}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: SECRET,
        redirect_uris: [redirect],
      },
      {
        client_id: KEY_CLIENT,
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        jwks: { keys: [{ ...key.export({ format: 'jwk' }), use: 'sig' }] },
        redirect_uris: [redirect],
      },
    ],
    enabledJWA: { clientAuthSigningAlgValues: ['ES256'] },
    pkce: { required: () => true },
    claims: { openid: ['sub', 'groups'] },
    conformIdTokenClaims: false,
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, groups: id === 'zhang' ? ['staff', 'officers'] : [] }),
    }),
  });
  const answer = provider.callback();
  server.on('request', (request, response) => void answer(request, response));
  return {
    issuer,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A browser at the provider's own pages for development: name, then consent. */
export async function walkAt(from: URL, login: string, origin: string): Promise<URL> {
  const jar = new Map<string, string>();
  let url = from;
  let body: URLSearchParams | undefined;
  for (let i = 0; i < 12 && !url.href.startsWith(origin); i += 1) {
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { Cookie: [...jar].map((pair) => pair.join('=')).join('; ') },
      ...(body === undefined ? {} : { method: 'POST', body }),
    });
    keepCookies(jar, answer);
    const location = answer.headers.get('location');
    const form = location === null ? formOf(await answer.text()) : undefined;
    url = new URL(location ?? form?.action ?? '', url);
    body = form && new URLSearchParams({ prompt: form.prompt, login, password: 'x' });
  }
  expect(url.href.startsWith(origin), url.href).to.equal(true);
  return url;
}

function keepCookies(jar: Map<string, string>, answer: Response): void {
  for (const cookie of answer.headers.getSetCookie()) {
    const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split('=');
    jar.set(name, value);
  }
}

function formOf(page: string) {
  const action = /action="([^"]+)"/.exec(page)?.[1] ?? '';
  const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? '';
  return { action, prompt };
}
