// SPDX-License-Identifier: Apache-2.0
// File numbers of driving licences (档案编号): the first four digits of the vehicle office's area
// (GB/T 2260) and an eight-digit serial.
import { CodedError } from '../errors.ts';
import { provinceOf, TEST_AREA } from './division.ts';

/** A parsed file number. */
export interface FileNumber {
  readonly area: string;
  readonly serial: string;
}

const LIMIT = 10 ** 12;

/**
 * Parses a twelve-digit file number.
 * @throws FILE_NUMBER_INVALID
 */
export function parseFileNumber(text: string): FileNumber {
  if (!/^\d{12}$/.test(text)) throw invalid('not twelve digits');
  const area = text.slice(0, 4);
  if (provinceOf(area) === undefined && area !== TEST_AREA.slice(0, 4))
    throw invalid('no such area');
  return { area, serial: text.slice(4) };
}

/** Tells whether a text is a file number. */
export function isFileNumber(text: string): boolean {
  try {
    parseFileNumber(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes a file number of its parts.
 * @throws FILE_NUMBER_INVALID
 */
export function formatFileNumber(parts: FileNumber): string {
  const text = parts.area + parts.serial;
  const { area } = parseFileNumber(text);
  if (area !== parts.area) throw invalid('area is not four digits');
  return text;
}

/**
 * Packs a file number into the integer of its twelve digits.
 * @throws FILE_NUMBER_INVALID
 */
export function encodeFileNumber(text: string): number {
  parseFileNumber(text);
  return Number(text);
}

/**
 * Unpacks the integer of twelve digits.
 * @throws FILE_NUMBER_INVALID
 */
export function decodeFileNumber(packed: bigint | number): string {
  const value = Number(packed);
  if (!Number.isInteger(value) || value < 0 || value >= LIMIT) throw invalid('not twelve digits');
  const text = String(value).padStart(12, '0');
  parseFileNumber(text);
  return text;
}

function invalid(message: string): CodedError {
  return new CodedError('FILE_NUMBER_INVALID', message);
}
