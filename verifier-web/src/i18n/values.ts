// SPDX-License-Identifier: Apache-2.0
// A field's value in the language shown. What core writes is fixed (`true`, `长期`): people read words of theirs.
import type { Slot } from '@zhenglian/core/types/definition';
import { say, sayLabel } from './language.ts';
import type { Words } from './language.ts';

const FIXED: Readonly<Record<string, Words>> = {
  true: ['是', 'Yes'],
  false: ['否', 'No'],
  长期: ['长期', 'No end date'],
};

/** A value as it is read: with its label where it is a code. */
export function sayValue(
  text: string,
  label?: { readonly zh: string; readonly en: string },
): string {
  if (label !== undefined) return `${sayLabel(label)} (${text})`;
  const words = Object.hasOwn(FIXED, text) ? FIXED[text] : undefined;
  return words === undefined ? text : say(words);
}

/** A value of a known slot: codes with the labels of the type, several of them one after another. */
export function saySlotValue(slot: Slot | undefined, text: string): string {
  const values = new Map([...(slot?.values ?? [])].map(([code, label]) => [String(code), label]));
  if (slot?.kind !== 'codes') return sayValue(text, values.get(text));
  const separator = say(['、', ', ']);
  return splitCodes(text, [...values.keys()])
    .map((code) => sayValue(code, values.get(code)))
    .join(separator);
}

/** Codes written one after another, as `A1A2D`; what is no code stays at the end. */
export function splitCodes(text: string, known: readonly string[]): readonly string[] {
  const longest = [...known].sort((a, b) => b.length - a.length);
  const found: string[] = [];
  let rest = text;
  while (rest !== '') {
    const code = longest.find((key) => rest.startsWith(key));
    if (code === undefined) return [...found, rest];
    found.push(code);
    rest = rest.slice(code.length);
  }
  return found;
}
