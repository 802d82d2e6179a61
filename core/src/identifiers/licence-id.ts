// SPDX-License-Identifier: Apache-2.0
// Licence identifiers (证照标识, GB/T 36904-2018):
// 1.2.156.3005.2.<type 21>.<issuer 18>.<serial>.<version 3>.<check>, check by ISO/IEC 7064 MOD 37,36.
import { CodedError } from '../errors.ts';
import { isDivision } from './division.ts';
import { isUscc } from './uscc.ts';

/** What an identifier says: which type of licence, by whom, which one, which issue of it. */
export interface LicenceIdParts {
  /** USCC of the authority that defines the type, and three digits. */
  readonly typeCode: string;
  /** USCC of the issuing authority; leniently read identifiers may name a division instead. */
  readonly issuer: string;
  readonly serial: string;
  /** From 1 to 999, one more with each re-issue. */
  readonly version: number;
}

/** A parsed identifier. */
export interface LicenceId extends LicenceIdParts {
  readonly check: string;
}

/** How an identifier is read; `lenient` is for other systems' identifiers only. */
export interface LicenceIdOptions {
  readonly lenient?: boolean;
}

/** The arc of all licence identifiers. */
export const LICENCE_ID_ROOT = '1.2.156.3005.2';

const CHARACTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const SHAPE =
  /^1\.2\.156\.3005\.2\.([0-9A-Z]{18}\d{3})\.([0-9A-Z]{18}|\d{6})\.([0-9A-Z]{1,64})\.(\d{3})\.([0-9A-Z])$/;

/**
 * Parses an identifier. Strictly: both codes are valid USCCs. Leniently, as found in the wild: the root
 * may be missing, the issuer may be a division, codes are checked for shape only. The check character
 * must be right in either case.
 * @throws LICENCE_ID_INVALID
 */
export function parseLicenceId(text: string, options: LicenceIdOptions = {}): LicenceId {
  const lenient = options.lenient === true;
  const bare = lenient && !text.startsWith(`${LICENCE_ID_ROOT}.`);
  const { typeCode, issuer, serial, version, check } = readParts(
    bare ? `${LICENCE_ID_ROOT}.${text}` : text,
  );
  checkCodes(typeCode, issuer, lenient);
  if (version === '000') throw invalid('versions begin at 001');
  if (computeLicenceIdCheck(typeCode + issuer + serial + version) !== check) {
    throw invalid('wrong check character');
  }
  return { typeCode, issuer, serial, version: Number(version), check };
}

/** Tells whether a text is an identifier as this product issues them. */
export function isLicenceId(text: string): boolean {
  try {
    parseLicenceId(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes an identifier of its parts, with the check character.
 * @throws LICENCE_ID_INVALID
 */
export function formatLicenceId(parts: LicenceIdParts): string {
  const version = String(parts.version).padStart(3, '0');
  const body = [parts.typeCode, parts.issuer, parts.serial, version];
  const check = computeLicenceIdCheck(body.join(''));
  const text = [LICENCE_ID_ROOT, ...body, check].join('.');
  parseLicenceId(text);
  return text;
}

/**
 * The check character of type, issuer, serial and version without dots (ISO/IEC 7064 MOD 37,36).
 * @throws LICENCE_ID_INVALID
 */
export function computeLicenceIdCheck(characters: string): string {
  let product = 36;
  for (const character of characters) {
    const value = CHARACTERS.indexOf(character);
    if (value < 0) throw invalid('characters are 0-9 and A-Z');
    product = (((product + value) % 36 || 36) * 2) % 37;
  }
  return CHARACTERS.charAt((37 - product) % 36);
}

function readParts(text: string) {
  const match = SHAPE.exec(text);
  if (match === null) throw invalid('not of the form root.type.issuer.serial.version.check');
  const [, typeCode = '', issuer = '', serial = '', version = '', check = ''] = match;
  return { typeCode, issuer, serial, version, check };
}

function checkCodes(typeCode: string, issuer: string, lenient: boolean): void {
  if (lenient) {
    if (issuer.length === 6 && !isDivision(issuer)) throw invalid('no such division');
    return;
  }
  if (!isUscc(typeCode.slice(0, 18))) throw invalid('the type names no authority');
  if (!isUscc(issuer)) throw invalid('the issuer is no authority');
}

function invalid(message: string): CodedError {
  return new CodedError('LICENCE_ID_INVALID', message);
}
