// SPDX-License-Identifier: Apache-2.0
// What the provider's word about somebody gives here: by the operator's file, never by the provider alone.
import { sm3 } from '@zhenglian/guomi';
import { toHex, utf8 } from '@zhenglian/core/bytes';
import type { Role, Scope } from '../accounts/principal.ts';
import type { OidcGrant } from '../config/oidc.ts';
import { gatewayError } from '../problem-codes.ts';

/** Somebody the provider vouches for, as a session holds them. */
export interface Vouched {
  readonly actor: string;
  readonly roles: readonly Role[];
  readonly scope: Scope;
}

/** The first grant that fits the claims. @throws OIDC_NO_ROLE when none does */
export function grantFor(
  claims: Readonly<Record<string, unknown>>,
  grants: readonly OidcGrant[],
): Vouched {
  const { iss, sub } = claims;
  const grant = grants.find(({ claim, value }) => valuesOf(claims, claim).includes(value));
  if (grant === undefined || typeof sub !== 'string' || typeof iss !== 'string') {
    throw gatewayError('OIDC_NO_ROLE', 'no grant of this gateway fits the claims');
  }
  const { roles, divisions, types } = grant;
  // Names nobody, and is the same each time.
  const digest = toHex(sm3.hash(utf8(JSON.stringify(['oidc', iss, sub]))));
  return { actor: `oidc-${digest.slice(0, 16)}`, roles, scope: { divisions, types } };
}

/** A claim is a text or a list of them. */
function valuesOf(claims: Readonly<Record<string, unknown>>, claim: string): readonly unknown[] {
  const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
  return Array.isArray(value) ? value : [value];
}
