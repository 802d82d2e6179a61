// SPDX-License-Identifier: Apache-2.0
// A sign-in from its beginning to its end: bound to the browser that began it, used once, for ten minutes. What waits is
// in the shared store, so that it may end at another instance.
import { sm3 } from '@zhenglian/guomi';
import { fromUtf8, toHex, utf8 } from '@zhenglian/core/bytes';
import { z } from 'zod';
import type { OidcGrant } from '../config/oidc.ts';
import type { GatewayContext } from '../context.ts';
import { gatewayError } from '../problem-codes.ts';
import { grantFor } from './grants.ts';
import type { Vouched } from './grants.ts';
import type { OidcProvider } from './provider.ts';

/** Sign-ins by the provider. */
export interface OidcSignIn {
  /** Where to send the browser, and the secret it is to keep in a cookie meanwhile. */
  begin(): Promise<{ readonly url: string; readonly browser: string }>;
  /** Who it is. @throws OIDC_STATE, OIDC_REFUSED, OIDC_NO_ROLE, OIDC_UNAVAILABLE */
  finish(callback: URL, browser: string | undefined): Promise<Vouched>;
  /** Drops what nobody came back for. */
  forget(): Promise<void>;
}

type Parts = Pick<GatewayContext, 'store' | 'locks' | 'clock' | 'random'>;

export const OIDC_SECONDS = 600;
const PREFIX = 'oidc/';
const waiting = z.strictObject({
  at: z.int(),
  browser: z.string(),
  nonce: z.string(),
  verifier: z.string(),
});

/** Sign-ins with these grants. */
export function createOidcSignIn(
  parts: Parts,
  provider: OidcProvider,
  grants: readonly OidcGrant[],
): OidcSignIn {
  const { store, locks, clock, random } = parts;
  /** Reads and deletes: whoever comes second finds nothing. */
  const take = (key: string) =>
    locks.hold(key, async () => {
      const stored = await store.get(key);
      if (stored === undefined) return undefined;
      await store.write([{ key }]);
      return waiting.parse(JSON.parse(fromUtf8(stored)));
    });
  return {
    async begin() {
      const { checks, url } = await provider.begin();
      const browser = toHex(random(32));
      const { state, nonce, verifier } = checks;
      const content = { at: clock(), browser: digestOf(browser), nonce, verifier };
      await store.write([{ key: keyOf(state), value: utf8(JSON.stringify(content)) }]);
      return { url, browser };
    },
    async finish(callback, browser) {
      const state = callback.searchParams.get('state') ?? '';
      const found = await take(keyOf(state));
      const isOurs =
        found !== undefined &&
        browser !== undefined &&
        found.browser === digestOf(browser) &&
        clock() - found.at < OIDC_SECONDS;
      if (!isOurs) throw gatewayError('OIDC_STATE', 'this browser began no such sign-in');
      const { nonce, verifier } = found;
      return grantFor(await provider.finish(callback, { state, nonce, verifier }), grants);
    },
    async forget() {
      const over = [];
      for await (const { key, value } of store.range({ prefix: PREFIX })) {
        const { at } = waiting.parse(JSON.parse(fromUtf8(value)));
        if (clock() - at >= OIDC_SECONDS) over.push({ key });
      }
      await store.write(over);
    },
  };
}

function keyOf(state: string): string {
  return PREFIX + digestOf(state);
}

function digestOf(text: string): string {
  return toHex(sm3.hash(utf8(text)));
}
