// SPDX-License-Identifier: Apache-2.0
// The identity provider (OpenID Connect Core, authorization code with PKCE); the only place that knows openid-client. ID
// tokens are checked by it: signature under the provider's keys, issuer, audience, times, nonce.
import { createPrivateKey, webcrypto } from 'node:crypto';
import * as client from 'openid-client';
import type { OidcConfig } from '../config/oidc.ts';
import { gatewayError } from '../problem-codes.ts';

/** What a sign-in that has begun must be finished with. */
export interface OidcChecks {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** The provider as the gateway sees it. */
export interface OidcProvider {
  /** Fresh secrets, and where the browser is to go with them. @throws OIDC_UNAVAILABLE */
  begin(): Promise<{ readonly checks: OidcChecks; readonly url: string }>;
  /** The claims about whoever comes back. @throws OIDC_REFUSED, OIDC_UNAVAILABLE */
  finish(callback: URL, checks: OidcChecks): Promise<Readonly<Record<string, unknown>>>;
}

const TIMEOUT_SECONDS = 10;

/** Path the provider sends browsers back to. */
export const CALLBACK_PATH = '/v1/oidc/callback';

/** A provider that is asked for its configuration when it is first needed, so that a start does not wait for it. */
export function createOidcProvider(config: OidcConfig): OidcProvider {
  const redirect = config.origin + CALLBACK_PATH;
  let known: Promise<client.Configuration> | undefined;
  const discovered = () => {
    known ??= discover(config).catch((cause: unknown) => {
      known = undefined;
      throw gatewayError('OIDC_UNAVAILABLE', 'the identity provider does not answer', { cause });
    });
    return known;
  };
  return {
    async begin() {
      const provider = await discovered();
      const checks = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      };
      const url = client.buildAuthorizationUrl(provider, {
        redirect_uri: redirect,
        scope: 'openid',
        state: checks.state,
        nonce: checks.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(checks.verifier),
        code_challenge_method: 'S256',
      });
      return { checks, url: url.href };
    },
    async finish(callback, { state, nonce, verifier }) {
      const provider = await discovered();
      const here = new URL(redirect);
      here.search = callback.search;
      try {
        const tokens = await client.authorizationCodeGrant(provider, here, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined) throw new TypeError('no ID token');
        return claims;
      } catch (cause) {
        throw gatewayError('OIDC_REFUSED', 'the identity provider did not vouch for this sign-in', {
          cause,
        });
      }
    },
  };
}

async function discover(config: OidcConfig): Promise<client.Configuration> {
  const { issuer, clientId, proof } = config;
  const auth =
    'secret' in proof
      ? client.ClientSecretBasic(proof.secret)
      : client.PrivateKeyJwt(await importKey(proof.keyPem));
  const isPlain = new URL(issuer).protocol === 'http:';
  const found = await client.discovery(new URL(issuer), clientId, {}, auth, {
    timeout: TIMEOUT_SECONDS,
    execute: [
      client.enableNonRepudiationChecks,
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- on this machine only, by config/oidc.ts
      ...(isPlain ? [client.allowInsecureRequests] : []),
    ],
  });
  return found;
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const key = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' });
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  return webcrypto.subtle.importKey('pkcs8', key, algorithm, false, ['sign']);
}
