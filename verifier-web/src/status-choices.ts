// SPDX-License-Identifier: Apache-2.0
// Which status changes are legal now (docs/ledger.md §4): only those are offered.
import type { Licence, StatusChange } from './officer-api.ts';

type Copy = Licence['copies'][number];
type State = StatusChange['state'];

const NEXT: Readonly<Record<string, readonly State[]>> = {
  queued: ['suspended', 'revoked'],
  valid: ['suspended', 'revoked'],
  suspended: ['valid', 'revoked'],
};

/** Whether a licence came to its end: nothing can be done with it any more. */
export function hasEnded({ state }: Licence): boolean {
  return state === 'revoked' || state === 'superseded';
}

/** Copies whose status can be changed by itself. */
export function changeableCopies(licence: Licence): readonly Copy[] {
  return licence.copies.filter((copy) => choicesFor(licence, copy.id).length > 0);
}

/** What the licence, or one copy of it, may become. */
export function choicesFor(licence: Licence, copyId: string): readonly State[] {
  if (hasEnded(licence)) return [];
  const whole = NEXT[licence.state] ?? [];
  if (copyId === '') return whole;
  const copy = licence.copies.find(({ id }) => id === copyId);
  const own = NEXT[copy?.state ?? ''] ?? [];
  // A copy of a suspended licence comes back with the licence, not by itself.
  return licence.state === 'suspended' ? own.filter((state) => state === 'revoked') : own;
}
