// SPDX-License-Identifier: Apache-2.0
// What an administrator grants, while it is being typed: roles, divisions and licence types.
import type { Scope } from './accounts-api.ts';

/** As typed. */
export interface Reach {
  roles: string[];
  allDivisions: boolean;
  /** Codes with anything between them. */
  codes: string;
  allTypes: boolean;
  types: string[];
}

/** What is wrong with it, field by field. */
export type ReachFaults = Readonly<Record<'roles' | 'divisions' | 'types', boolean>>;

const DIVISION = /^(?:\d{2}|\d{4}|\d{6})$/;

/** Nothing granted yet, and no limits. */
export function emptyReach(): Reach {
  return { roles: [], allDivisions: true, codes: '', allTypes: true, types: [] };
}

/** What somebody has already. */
export function reachOf(roles: readonly string[], { divisions, types }: Scope): Reach {
  return {
    roles: [...roles],
    allDivisions: divisions === 'all',
    codes: divisions === 'all' ? '' : divisions.join(' '),
    allTypes: types === 'all',
    types: types === 'all' ? [] : [...types],
  };
}

export function scopeOf(reach: Reach): Scope {
  return {
    divisions: reach.allDivisions ? 'all' : codesOf(reach),
    types: reach.allTypes ? 'all' : reach.types,
  };
}

export function faultsOf(reach: Reach): ReachFaults {
  const codes = codesOf(reach);
  return {
    roles: reach.roles.length === 0,
    divisions:
      !reach.allDivisions && (codes.length === 0 || !codes.every((code) => DIVISION.test(code))),
    types: !reach.allTypes && reach.types.length === 0,
  };
}

export function hasFaults(faults: Readonly<Record<string, boolean>>): boolean {
  return Object.values(faults).includes(true);
}

function codesOf({ codes }: Reach): readonly string[] {
  return codes.split(/[\s,，、;；]+/).filter((code) => code !== '');
}
