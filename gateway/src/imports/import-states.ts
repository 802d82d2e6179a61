// SPDX-License-Identifier: Apache-2.0
// The states of an import and which may follow which (docs/imports.md §3). Whoever changes a state asks here.
import { gatewayError } from '../problem-codes.ts';

export const IMPORT_STATES = [
  'reading',
  'checking',
  'prepared',
  'running',
  'paused',
  'checked',
  'worked',
  'refused',
  'cancelled',
  'failed',
] as const;
export type ImportState = (typeof IMPORT_STATES)[number];

/** States in which a gateway works on the import; from each it may be paused. */
export const WORKING = ['reading', 'checking', 'running'] as const;
export type WorkingState = (typeof WORKING)[number];

const NEXT: Readonly<Record<ImportState, readonly ImportState[]>> = {
  reading: ['checking', 'running', 'paused', 'cancelled', 'failed'],
  checking: ['checked', 'prepared', 'paused', 'cancelled'],
  prepared: ['running', 'refused', 'cancelled'],
  running: ['worked', 'paused', 'cancelled'],
  paused: ['reading', 'checking', 'running', 'cancelled'],
  checked: [],
  worked: [],
  refused: [],
  cancelled: [],
  failed: [],
};

/** Whether a state may follow another. */
export function mayFollow(from: ImportState, to: ImportState): boolean {
  return NEXT[from].includes(to);
}

/** @throws IMPORT_STATE with the state the import is in */
export function requireMove(from: ImportState, to: ImportState): void {
  if (mayFollow(from, to)) return;
  throw gatewayError('IMPORT_STATE', `an import that is ${from} cannot become ${to}`);
}

/** For what is done in one state only, though others may become the same. @throws IMPORT_STATE */
export function requireState({ state }: { readonly state: ImportState }, only: ImportState): void {
  if (state === only) return;
  throw gatewayError('IMPORT_STATE', `an import that is ${state} is not ${only}`);
}

/** Whether nothing follows. */
export function isFinal(state: ImportState): boolean {
  return NEXT[state].length === 0;
}

/** The state as one that is worked on, if it is. */
export function workingState(state: ImportState): WorkingState | undefined {
  return WORKING.find((each) => each === state);
}
