// SPDX-License-Identifier: Apache-2.0
// Staff tokens: one a role, kept until the window closes and never longer.
import { computed, reactive, shallowRef } from 'vue';
import { readKept, writeKept } from './kept.ts';

/** Roles of staff. */
export const ROLES = ['officer', 'regulator', 'clerk'] as const;
export type Role = (typeof ROLES)[number];

/** Somebody came to one page with another role's token: which page they wanted, and whose token it was. */
export interface Detour {
  readonly wanted: 'counter' | 'officer' | 'regulator';
  readonly role: Role;
}

/** Told on the page that was opened instead, until it is read or another page is opened. */
export const detour = shallowRef<Detour>();

const KEY = 'zl.tokens';
const tokens = reactive(new Map<Role, string>(readTokens()));

/** Roles somebody signed in for, in this window. */
export const signedIn = computed<ReadonlySet<Role>>(() => new Set(tokens.keys()));

/** The token of a role, or undefined. */
export function tokenOf(role: Role): string | undefined {
  return tokens.get(role);
}

/** Keeps the token of a role. */
export function keepToken(role: Role, token: string): void {
  tokens.set(role, token);
  keep();
}

/** Forgets the token of a role. */
export function signOut(role: Role): void {
  tokens.delete(role);
  keep();
}

function keep(): void {
  const kept = tokens.size === 0 ? undefined : JSON.stringify([...tokens]);
  writeKept(KEY, kept, 'sessionStorage');
}

function readTokens(): readonly (readonly [Role, string])[] {
  try {
    const kept: unknown = JSON.parse(readKept(KEY, 'sessionStorage') ?? '[]');
    if (!Array.isArray(kept)) return [];
    return kept.flatMap((pair: unknown) => {
      const parts: readonly unknown[] = Array.isArray(pair) ? pair : [];
      const [name, token] = parts;
      const role = ROLES.find((known) => known === name);
      return role !== undefined && typeof token === 'string' ? [[role, token] as const] : [];
    });
  } catch {
    return []; // not ours: sign in again
  }
}
