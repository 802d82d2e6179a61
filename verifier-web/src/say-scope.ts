// SPDX-License-Identifier: Apache-2.0
// Roles and scope of an account in words.
import type { Scope } from './accounts-api.ts';
import { accounts } from './i18n/accounts.ts';
import { language, say, sayLabel } from './i18n/language.ts';
import { roleWords } from './i18n/shell.ts';
import { network } from './network-info.ts';

/** Roles by their names; one that this page does not know as it is. */
export function sayRoles(roles: readonly string[]): string {
  const words = Object.entries(roleWords);
  return join(
    roles.map((role) => {
      const known = words.find(([name]) => name === role)?.[1];
      return known === undefined ? role : say(known);
    }),
  );
}

/** Divisions by code and types by label, or that there are no limits. */
export function sayScope({ divisions, types }: Scope): string {
  const limits = [
    ...(divisions === 'all' ? [] : divisions),
    ...(types === 'all' ? [] : types.map(typeLabel)),
  ];
  return limits.length === 0 ? say(accounts.scopeAll) : join(limits);
}

function typeLabel(code: string): string {
  const known = network.value.kind === 'known' ? network.value.info.types : [];
  const type = known.find((each) => each.code === code);
  return type === undefined ? code : sayLabel(type.label);
}

function join(parts: readonly string[]): string {
  return parts.join(language.value === 'en' ? ', ' : '、');
}
