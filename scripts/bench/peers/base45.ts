// SPDX-License-Identifier: Apache-2.0
// Base45 (RFC 9285) for the peers, by table and of its own: a peer must not pay for how ours is written.

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = ALPHABET.indexOf(String.fromCharCode(code));
  return digit < 0 ? 255 : digit;
});

/** Text of bytes. */
export function encodeBase45(bytes: Uint8Array): string {
  const codes: string[] = [];
  for (let i = 0; i < bytes.length; i += 2) {
    const pair = i + 1 < bytes.length;
    const value = pair ? (bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0) : (bytes[i] ?? 0);
    codes.push(ALPHABET.charAt(value % 45), ALPHABET.charAt(Math.floor(value / 45) % 45));
    if (pair) codes.push(ALPHABET.charAt(Math.floor(value / 2025)));
  }
  return codes.join('');
}

/** Bytes of text. @throws RangeError */
export function decodeBase45(text: string): Uint8Array {
  const left = text.length % 3;
  if (left === 1) throw new RangeError('a lone last character');
  const bytes = new Uint8Array(Math.floor(text.length / 3) * 2 + (left === 2 ? 1 : 0));
  let at = 0;
  for (let i = 0; i < text.length; i += 3) {
    const last = i + 2 >= text.length;
    const value = digit(text, i) + 45 * digit(text, i + 1) + (last ? 0 : 2025 * digit(text, i + 2));
    if (value > (last ? 0xff : 0xffff)) throw new RangeError('a group over its range');
    if (!last) bytes[at++] = value >> 8;
    bytes[at++] = value & 0xff;
  }
  return bytes;
}

function digit(text: string, at: number): number {
  const found = DIGITS[text.charCodeAt(at)] ?? 255;
  if (found === 255) throw new RangeError('a character outside the alphabet');
  return found;
}
