// SPDX-License-Identifier: Apache-2.0
// Who is signed in, in this window: an account, by a cookie that scripts do not see, or tokens, one a role, kept until
// the window closes and never longer.
import { computed, reactive, shallowRef } from 'vue';
import { readKept, writeKept } from './kept.ts';
import type { Page } from './page-roles.ts';

/** Roles of staff. */
export const ROLES = ['officer', 'regulator', 'clerk', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

/** Somebody came to one page with another role's token: which page they wanted, and whose token it was. */
export interface Detour {
  readonly wanted: Page;
  readonly role: Role;
}

/** Told on the page that was opened instead, until it is read or another page is opened. */
export const detour = shallowRef<Detour>();

const KEY = 'zl.tokens';
const tokens = reactive(new Map<Role, string>(readTokens()));

/** Somebody who signed in by name. */
export interface Account {
  readonly name: string;
  readonly roles: readonly Role[];
}

const ACCOUNT_KEY = 'zl.account';
/** The account of this window, as far as the page knows: the cookie may have run out. */
export const account = shallowRef<Account | undefined>(readAccount());

/** Roles somebody signed in for, in this window. */
export const signedIn = computed<ReadonlySet<Role>>(
  () => new Set([...tokens.keys(), ...(account.value?.roles ?? [])]),
);

/** Remembers who signed in by name; undefined: nobody any more. */
export function keepAccount(found: Account | undefined): void {
  account.value = found;
  const kept = found === undefined ? undefined : JSON.stringify(found);
  writeKept(ACCOUNT_KEY, kept, 'sessionStorage');
}

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
export function forgetToken(role: Role): void {
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

function readAccount(): Account | undefined {
  try {
    const kept: unknown = JSON.parse(readKept(ACCOUNT_KEY, 'sessionStorage') ?? 'null');
    if (typeof kept !== 'object' || kept === null || !('name' in kept) || !('roles' in kept)) {
      return undefined;
    }
    const { name, roles } = kept;
    if (typeof name !== 'string' || !Array.isArray(roles)) return undefined;
    return { name, roles: ROLES.filter((role) => roles.includes(role)) };
  } catch {
    return undefined; // not ours: sign in again
  }
}
