// SPDX-License-Identifier: Apache-2.0
// Citizen identification numbers (GB 11643-1999): area, birth date, sequence, ISO 7064 MOD 11-2 check.
// Old cards carry abolished county codes, so only the province part of the area is checked.
import { CodedError } from '../errors.ts';
import { dateOfDays, daysOfDate, readCalendarDate } from './calendar-date.ts';
import { PROVINCES, TEST_AREA } from './division.ts';

import type { CalendarDate } from './calendar-date.ts';

/** Sex as coded by GB/T 2261.1; a citizen number knows these two. */
export type CitizenSex = 1 | 2;

/** A parsed citizen number. */
export interface CitizenId {
  readonly area: string;
  readonly birthDate: CalendarDate;
  readonly sequence: number;
  readonly sex: CitizenSex;
  readonly check: string;
}

/** What a reader may know besides the number. */
export interface CitizenIdOptions {
  /** Day number of today; with it a birth date in the future is refused. */
  readonly today?: number;
  /** Admitted first two digits in place of the default: GB/T 2260 and 83 of Taiwan residents' permits. */
  readonly prefixes?: ReadonlySet<string>;
}

/** First two digits admitted by default. */
export const CITIZEN_ID_PREFIXES: ReadonlySet<string> = new Set([
  ...PROVINCES.map((p) => p.code),
  '83',
]);

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;
const CHECK_CHARACTERS = '10X98765432';
const BODY_LIMIT = 10n ** 17n;

/**
 * Parses an 18-character citizen number; the check character X is upper case.
 * @throws CITIZEN_ID_INVALID
 */
export function parseCitizenId(text: string, options: CitizenIdOptions = {}): CitizenId {
  if (!/^\d{17}[\dX]$/.test(text)) throw invalid('not 17 digits and a check character');
  const area = text.slice(0, 6);
  const prefixes = options.prefixes ?? CITIZEN_ID_PREFIXES;
  if (area !== TEST_AREA && !prefixes.has(area.slice(0, 2))) throw invalid('no such area');
  const birthDate = readCalendarDate(text.slice(6, 14));
  if (birthDate === undefined) throw invalid('no such birth date');
  if (options.today !== undefined && daysOfDate(birthDate) > options.today) {
    throw invalid('birth date in the future');
  }
  const check = text.slice(17);
  if (computeCitizenIdCheck(text.slice(0, 17)) !== check) throw invalid('wrong check character');
  const sequence = Number(text.slice(14, 17));
  return { area, birthDate, sequence, sex: sexOf(sequence), check };
}

/** Tells whether a text is a citizen number. */
export function isCitizenId(text: string, options: CitizenIdOptions = {}): boolean {
  try {
    parseCitizenId(text, options);
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes a citizen number of its parts, with the check character.
 * @throws CITIZEN_ID_INVALID
 */
export function formatCitizenId(parts: Pick<CitizenId, 'area' | 'birthDate' | 'sequence'>): string {
  const { year, month, day } = parts.birthDate;
  const digits = [pad(year, 4), pad(month, 2), pad(day, 2), pad(parts.sequence, 3)].join('');
  return decodeBody(parts.area + digits);
}

/**
 * The check character of the first 17 digits (ISO 7064 MOD 11-2).
 * @throws CITIZEN_ID_INVALID
 */
export function computeCitizenIdCheck(first17: string): string {
  if (!/^\d{17}$/.test(first17)) throw invalid('not 17 digits');
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * Number(first17[i]), 0);
  return CHECK_CHARACTERS.charAt(sum % 11);
}

/**
 * Packs a citizen number into the integer of its first 17 digits.
 * @throws CITIZEN_ID_INVALID
 */
export function encodeCitizenId(text: string): bigint {
  parseCitizenId(text);
  return BigInt(text.slice(0, 17));
}

/**
 * Unpacks the integer of 17 digits; the check character is computed anew.
 * @throws CITIZEN_ID_INVALID
 */
export function decodeCitizenId(packed: bigint | number): string {
  if (typeof packed === 'number' && !Number.isSafeInteger(packed)) throw invalid('not an integer');
  const value = BigInt(packed);
  if (value < 0n || value >= BODY_LIMIT) throw invalid('not 17 digits');
  return decodeBody(value.toString().padStart(17, '0'));
}

/** Hides birth date and sequence, as printed in lists: `330***********001X`. */
export function maskCitizenId(text: string): string {
  return text.length === 18 ? `${text.slice(0, 3)}***********${text.slice(14)}` : '*'.repeat(18);
}

/** Whole years of age on a day, counted as the law does: on the birthday itself one is older. */
export function ageOn(birthDate: CalendarDate, today: number): number {
  const now = dateOfDays(today);
  const before = now.month * 100 + now.day < birthDate.month * 100 + birthDate.day;
  return now.year - birthDate.year - (before ? 1 : 0);
}

function decodeBody(body: string): string {
  const text = body + computeCitizenIdCheck(body);
  parseCitizenId(text);
  return text;
}

function sexOf(sequence: number): CitizenSex {
  return sequence % 2 === 1 ? 1 : 2;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

function invalid(message: string): CodedError {
  return new CodedError('CITIZEN_ID_INVALID', message);
}
