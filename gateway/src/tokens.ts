// SPDX-License-Identifier: Apache-2.0
// Bootstrap tokens: bearer tokens of one role and no limits of scope, kept as SM3 digests in a file that an operator
// edits. People have accounts and systems are clients (docs/accounts.md); these are for the first hour and for tests.
import { sm3 } from '@zhenglian/guomi';
import { toHex, utf8 } from '@zhenglian/core/bytes';
import { EVERYTHING, ROLES } from './accounts/principal.ts';
import type { Principal, Role } from './accounts/principal.ts';
import type { RandomBytes } from './context.ts';

/** Digests (hex) by role: the content of the TOKENS file. */
export type TokenDigests = Readonly<Partial<Record<Role, readonly string[]>>>;

const PREFIX = 'zlt_';

/** A fresh token and the digest to put into the file. */
export function createToken(random: RandomBytes): {
  readonly token: string;
  readonly digest: string;
} {
  const token = PREFIX + toHex(random(32));
  return { token, digest: tokenDigest(token) };
}

/** SM3 of a token, in hex. */
export function tokenDigest(token: string): string {
  return toHex(sm3.hash(utf8(token)));
}

/** The holder of a token, or undefined when no role knows it. */
export function principalOfToken(tokens: TokenDigests, token: string): Principal | undefined {
  const digest = tokenDigest(token);
  const role = ROLES.find((candidate) => tokens[candidate]?.includes(digest) === true);
  if (role === undefined) return undefined;
  const actor = `${role}-${digest.slice(0, 8)}`;
  return { actor, roles: [role], scope: EVERYTHING, how: 'token' };
}
