// SPDX-License-Identifier: Apache-2.0
// Base45 (RFC 9285): bytes in the alphanumeric mode of a QR code.
import { CodedError } from './errors.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
const BASE = ALPHABET.length;
/** Digit of a character code, or 255. */
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = ALPHABET.indexOf(String.fromCharCode(code));
  return digit < 0 ? 255 : digit;
});

/** Base45 text of bytes: 3 characters for 2 bytes. */
export function encodeBase45(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 2) {
    const pair = i + 1 < bytes.length;
    let value = pair ? (bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0) : (bytes[i] ?? 0);
    for (let digit = 0; digit < (pair ? 3 : 2); digit++) {
      text += ALPHABET.charAt(value % BASE);
      value = Math.floor(value / BASE);
    }
  }
  return text;
}

/** Bytes of base45 text. @throws QR_BASE45 */
export function decodeBase45(text: string): Uint8Array {
  if (text.length % 3 === 1) throw refused('a lone last character');
  const bytes = new Uint8Array(Math.floor((text.length * 2) / 3));
  let at = 0;
  for (let i = 0; i + 1 < text.length; i += 3) {
    const whole = i + 2 < text.length;
    const low = digitAt(text, i) + BASE * digitAt(text, i + 1);
    const value = whole ? low + BASE * BASE * digitAt(text, i + 2) : low;
    if (value > (whole ? 0xffff : 0xff)) throw refused('a group over its range');
    if (whole) bytes[at++] = value >> 8;
    bytes[at++] = value & 0xff;
  }
  return bytes;
}

function digitAt(text: string, i: number): number {
  const digit = DIGITS[text.charCodeAt(i)] ?? 255;
  if (digit === 255) throw refused('a character outside the alphabet');
  return digit;
}

function refused(what: string): CodedError {
  return new CodedError('QR_BASE45', `not base45: ${what}`);
}
