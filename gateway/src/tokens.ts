// SPDX-License-Identifier: Apache-2.0
// Bearer tokens: bound to one role of one gateway, kept as SM3 digests in a file that an operator edits.
import { sm3 } from '@zhenglian/guomi';
import { toHex, utf8 } from '@zhenglian/core/bytes';
import type { RandomBytes } from './context.ts';

export const ROLES = ['officer', 'clerk', 'regulator'] as const;
export type Role = (typeof ROLES)[number];

/** Who holds a token: its role, and a label that names the token without being it. */
export interface Principal {
  readonly role: Role;
  /** For the trace: role and the head of the digest. */
  readonly actor: string;
}

/** Digests (hex) by role: the content of the TOKENS file. */
export type TokenDigests = Readonly<Record<Role, readonly string[]>>;

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
  const role = ROLES.find((candidate) => tokens[candidate].includes(digest));
  return role === undefined ? undefined : { role, actor: `${role}-${digest.slice(0, 8)}` };
}
