// SPDX-License-Identifier: Apache-2.0
// Unified social credit codes (GB 32100-2015): department, category, area, organisation code
// (GB 11714, with a check character of its own) and a check character over all.
import { CodedError } from '../errors.ts';
import { NATIONAL_AREA, provinceOf, TEST_AREA } from './division.ts';

/** A parsed unified social credit code. */
export interface Uscc {
  readonly department: string;
  readonly category: string;
  readonly area: string;
  readonly organisation: string;
  readonly check: string;
}

/** The parts a code is made of; `organisation` without its check character. */
export interface UsccParts {
  readonly department: string;
  readonly category: string;
  readonly area: string;
  readonly organisation: string;
}

const CHARACTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28] as const;
const ORGANISATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2] as const;
const ORGANISATION_VALUES = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Registering departments and their categories, where the standard's list is known; else any digit. */
const CATEGORIES: Readonly<Record<string, string>> = {
  1: '1239',
  2: '123456789',
  3: '123456789',
  4: '123456789',
  5: '1239',
  6: '123456789',
  7: '123456789',
  8: '123456789',
  9: '123',
  A: '123456789',
  N: '123456789',
  Y: '1',
};

const SHAPE = /^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$/;

/**
 * Parses an 18-character code: character set, department, category, area and both check characters.
 * @throws USCC_INVALID
 */
export function parseUscc(text: string): Uscc {
  if (!SHAPE.test(text)) {
    throw invalid('not 18 characters of the set with a numeric area');
  }
  const department = text.slice(0, 1);
  const category = text.slice(1, 2);
  const area = text.slice(2, 8);
  const organisation = text.slice(8, 17);
  const check = text.slice(17);
  if (CATEGORIES[department]?.includes(category) !== true) {
    throw invalid('no such department and category');
  }
  if (!isKnownArea(area)) throw invalid('no such area');
  if (computeOrganisationCheck(organisation.slice(0, 8)) !== organisation.slice(8)) {
    throw invalid('wrong check character of the organisation code');
  }
  if (computeUsccCheck(text.slice(0, 17)) !== check) throw invalid('wrong check character');
  return { department, category, area, organisation, check };
}

/** Tells whether a text is a unified social credit code. */
export function isUscc(text: string): boolean {
  try {
    parseUscc(text);
    return true;
  } catch {
    return false;
  }
}

/** Tells whether a text would be a code if its check characters were others. */
export function isUsccMistyped(text: string): boolean {
  if (isUscc(text) || !SHAPE.test(text)) return false;
  const [department, category] = [text.slice(0, 1), text.slice(1, 2)];
  const known = CATEGORIES[department]?.includes(category) === true;
  return known && isKnownArea(text.slice(2, 8));
}

/**
 * Makes a code of its parts, with both check characters.
 * @throws USCC_INVALID
 */
export function formatUscc(parts: UsccParts): string {
  const organisation = parts.organisation + computeOrganisationCheck(parts.organisation);
  const body = parts.department + parts.category + parts.area + organisation;
  const text = body + computeUsccCheck(body);
  parseUscc(text);
  return text;
}

/**
 * The last character of a code, from the 17 before it.
 * @throws USCC_INVALID
 */
export function computeUsccCheck(first17: string): string {
  if (!/^[0-9A-HJ-NPQRTUWXY]{17}$/.test(first17)) throw invalid('not 17 characters of the set');
  const sum = WEIGHTS.reduce(
    (total, weight, i) => total + weight * CHARACTERS.indexOf(first17.charAt(i)),
    0,
  );
  return CHARACTERS.charAt((31 - (sum % 31)) % 31);
}

/**
 * The ninth character of an organisation code, from the eight before it (GB 11714).
 * @throws USCC_INVALID
 */
export function computeOrganisationCheck(first8: string): string {
  if (!/^[0-9A-Z]{8}$/.test(first8)) throw invalid('not 8 characters of an organisation code');
  const sum = ORGANISATION_WEIGHTS.reduce(
    (total, weight, i) => total + weight * ORGANISATION_VALUES.indexOf(first8.charAt(i)),
    0,
  );
  const check = 11 - (sum % 11);
  return check === 11 ? '0' : check === 10 ? 'X' : String(check);
}

function isKnownArea(area: string): boolean {
  return area === TEST_AREA || area === NATIONAL_AREA || provinceOf(area) !== undefined;
}

function invalid(message: string): CodedError {
  return new CodedError('USCC_INVALID', message);
}
