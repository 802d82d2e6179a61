// SPDX-License-Identifier: Apache-2.0
// Bytes: comparing, joining, fixed-width integers, hex, base64 and UTF-8, without Node's Buffer.
import { CodedError } from './errors.ts';

const encoder = new TextEncoder();
/** No digit of hexadecimal text. */
const NONE = 255;
const NIBBLE_OF = new Uint8Array(128).fill(NONE);
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  NIBBLE_OF[digit.charCodeAt(0)] = value;
  NIBBLE_OF[digit.toUpperCase().charCodeAt(0)] = value;
}
const HEX_OF = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Joins byte strings into one new array. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Tells whether two public byte strings are equal (not constant-time). */
export function equals(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

/** Order of two public byte strings: by the first byte that differs, then the shorter first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** A non-negative integer below 2^32 as `width` bytes, big endian. */
export function uintBytes(value: number, width: 1 | 2 | 4): Uint8Array {
  const bytes = new Uint8Array(width);
  for (let i = width - 1, left = value; i >= 0; i -= 1, left = Math.floor(left / 256)) {
    bytes[i] = left % 256;
  }
  return bytes;
}

/** UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Text of UTF-8 bytes. @throws CBOR_UTF8 when they are not UTF-8 */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new CodedError('CBOR_UTF8', 'bytes are not UTF-8 text', { cause });
  }
}

/** Lower-case hex of bytes. */
export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += HEX_OF[byte] ?? '';
  return hex;
}

/** Bytes of hex, either case. @throws ENCODING_INVALID on anything else */
export function fromHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length >> 1);
  let isHex = hex.length % 2 === 0;
  for (let i = 0; i < bytes.length; i += 1) {
    const high = NIBBLE_OF[hex.charCodeAt(2 * i)] ?? NONE;
    const low = NIBBLE_OF[hex.charCodeAt(2 * i + 1)] ?? NONE;
    if (high === NONE || low === NONE) isHex = false;
    bytes[i] = (high << 4) | low;
  }
  if (!isHex) throw new CodedError('ENCODING_INVALID', 'not hexadecimal text');
  return bytes;
}

/** Base64 (RFC 4648 §4, padded) of bytes. */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let i = 0; i < bytes.length; i += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return btoa(binary);
}

/** Bytes of padded base64. @throws ENCODING_INVALID on anything else */
export function fromBase64(text: string): Uint8Array {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    throw new CodedError('ENCODING_INVALID', 'not base64 text');
  }
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
