// SPDX-License-Identifier: Apache-2.0
// Bounds what strangers cost the store: each credential that turns out to be none is charged to its address, and an
// address that has shown too many is refused before another is looked up. A credential that held here lately is looked
// up whatever its neighbours behind the same address do.
import type { Request } from 'express';
import type { Rate } from '../config/door.ts';
import { subscriberOf } from '../http/proxies.ts';
import { createTokenBuckets } from '../http/token-buckets.ts';
import { tokenDigest } from '../tokens.ts';
import type { Authenticator } from './auth.ts';
import { isUncounted, refuseTooMany } from './rate-limits.ts';

/** A way whose credentials are looked up in the store. */
export interface LookUp {
  /** What will be looked up; undefined when nothing will. */
  readonly credentialOf: (request: Request) => string | undefined;
  readonly find: Authenticator;
  /** Another credential of the same holder that will be shown from now on. */
  readonly nextOf?: (request: Request) => string | undefined;
}

const MOST_KNOWN = 100_000;

/** Makes ways that are refused when their address has shown too many wrong credentials. Error: RATE_LIMITED. */
export function limitLookUps(
  rate: Rate,
  now: () => number = () => performance.now(),
): (way: LookUp) => Authenticator {
  const wrong = createTokenBuckets(rate, now);
  /** Digests of credentials that held, the latest last. */
  const known = new Set<string>();
  const remember = (digest: string) => {
    known.delete(digest);
    known.add(digest);
    const oldest = known.values().next();
    if (known.size > MOST_KNOWN && oldest.done !== true) known.delete(oldest.value);
  };
  return ({ credentialOf, find, nextOf }) =>
    async (request, response) => {
      const credential = credentialOf(request);
      // Who watches the process is nobody, and costs nothing.
      if (credential === undefined || isUncounted(request)) return undefined;
      const address = subscriberOf(request.ip ?? '');
      const digest = tokenDigest(credential);
      const left = known.has(digest) ? undefined : wrong.look(address);
      if (left !== undefined && !left.isAllowed) refuseTooMany(response, rate, left);
      const principal = await find(request, response);
      if (principal === undefined) {
        known.delete(digest);
        wrong.take(address);
        return undefined;
      }
      remember(digest);
      const next = nextOf?.(request);
      if (next !== undefined) remember(tokenDigest(next));
      return principal;
    };
}
