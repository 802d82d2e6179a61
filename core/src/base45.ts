// SPDX-License-Identifier: Apache-2.0
// Base45 (RFC 9285): bytes in the alphanumeric mode of a QR code.
import { CodedError } from './errors.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

/** Base45 text of bytes: 3 characters for 2 bytes. */
export function encodeBase45(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 2) {
    const pair = i + 1 < bytes.length;
    let value = pair ? (bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0) : (bytes[i] ?? 0);
    for (let digit = 0; digit < (pair ? 3 : 2); digit++) {
      text += ALPHABET.charAt(value % 45);
      value = Math.floor(value / 45);
    }
  }
  return text;
}

/** Bytes of base45 text. @throws QR_BASE45 */
export function decodeBase45(text: string): Uint8Array {
  if (text.length % 3 === 1) throw refused('a lone last character');
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i += 3) {
    const group = text.slice(i, i + 3);
    const value = [...group].reduceRight((sum, character) => sum * 45 + digitOf(character), 0);
    if (value > (group.length === 3 ? 0xffff : 0xff)) throw refused('a group over its range');
    if (group.length === 3) bytes.push(value >> 8);
    bytes.push(value & 0xff);
  }
  return Uint8Array.from(bytes);
}

function digitOf(character: string): number {
  const digit = ALPHABET.indexOf(character);
  if (digit < 0) throw refused('a character outside the alphabet');
  return digit;
}

function refused(what: string): CodedError {
  return new CodedError('QR_BASE45', `not base45: ${what}`);
}
