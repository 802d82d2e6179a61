// SPDX-License-Identifier: Apache-2.0
// The pages and whose they are. The page of one's own account is everybody's who signed in by name.
import type { Role } from './session.ts';

/** The page that opens for a role. */
export const PAGE_OF_ROLE = {
  clerk: 'counter',
  officer: 'officer',
  regulator: 'regulator',
  administrator: 'administrator',
} as const satisfies Readonly<Record<Role, string>>;

export type Page = (typeof PAGE_OF_ROLE)[Role] | 'account';

const ROLE_OF_PAGE = {
  counter: 'clerk',
  officer: 'officer',
  regulator: 'regulator',
  administrator: 'administrator',
  account: undefined,
} as const satisfies Readonly<Record<Page, Role | undefined>>;

/** The role a page is for; none for the page of one's own account. */
export function roleOfPage(page: Page): Role | undefined {
  return ROLE_OF_PAGE[page];
}

/** The page an address names. A gateway that only reads has neither counter nor desk. */
export function pageOf(name: string, readOnly: boolean): Page {
  if (name === 'administrator' || name === 'account' || name === 'regulator') return name;
  if (readOnly) return 'regulator';
  return name === 'officer' ? 'officer' : 'counter';
}
