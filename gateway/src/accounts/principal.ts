// SPDX-License-Identifier: Apache-2.0
// Who calls, what they may do and with which licences (docs/accounts.md). An operation names the roles it is for;
// the scope narrows which licences and types a role reaches.

/** What somebody may do. `machine` is a system of an office, `administrator` manages accounts and nothing else. */
export const ROLES = [
  'officer',
  'approver',
  'clerk',
  'regulator',
  'administrator',
  'machine',
] as const;
export type Role = (typeof ROLES)[number];

/** Which licences: by division of the issuing authority (prefixes of GB/T 2260 codes) and by licence type. */
export interface Scope {
  readonly divisions: 'all' | readonly string[];
  readonly types: 'all' | readonly string[];
}

/** The scope of bootstrap tokens. */
export const EVERYTHING: Scope = { divisions: 'all', types: 'all' };

/** Who calls. */
export interface Principal {
  /** Stable label for the trace and for telling two people apart; it names nobody. */
  readonly actor: string;
  readonly roles: readonly Role[];
  readonly scope: Scope;
  /** How they proved it. */
  readonly how: 'token' | 'session' | 'machine-token' | 'oidc';
}

/** What of a licence a scope looks at; what is not known is left out. */
export interface ScopedThing {
  /** USCC of the authority that issued it, whose area is its division. */
  readonly uscc?: string;
  readonly type?: string;
}

/** Tells whether a scope has no limits. */
export function isUnlimited({ divisions, types }: Scope): boolean {
  return divisions === 'all' && types === 'all';
}

/** Tells whether a scope reaches nothing that another does not. */
export function isNarrower(scope: Scope, outer: Scope): boolean {
  return (
    isPart(scope.divisions, outer.divisions, (mine, theirs) => mine.startsWith(theirs)) &&
    isPart(scope.types, outer.types, (mine, theirs) => mine === theirs)
  );
}

function isPart(
  inner: 'all' | readonly string[],
  outer: 'all' | readonly string[],
  covers: (mine: string, theirs: string) => boolean,
): boolean {
  if (outer === 'all') return true;
  return inner !== 'all' && inner.every((mine) => outer.some((theirs) => covers(mine, theirs)));
}

/** Tells whether a licence, or whatever is known of it, is within a scope. */
export function isWithin(scope: Scope, { uscc, type }: ScopedThing): boolean {
  const { divisions, types } = scope;
  const area = uscc?.slice(2, 8);
  const here =
    divisions === 'all' ||
    area === undefined ||
    divisions.some((division) => area.startsWith(division));
  return here && (types === 'all' || type === undefined || types.includes(type));
}
