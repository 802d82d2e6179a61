// SPDX-License-Identifier: Apache-2.0
// DER (X.690), the strict subset that keys and signatures need: minimal lengths, minimal positive
// integers, no trailing bytes. Readers return undefined when the input is not that.
import { concatBytes, wipe } from './bytes.ts';

export const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
} as const;

export type Element = Readonly<{ tag: number; content: Uint8Array }>;

/** Encodes one element from its parts. */
export function encodeElement(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...parts);
  const element = concatBytes(Uint8Array.of(tag), encodeLength(content.length), content);
  wipe(content); // it may hold a key
  return element;
}

/** Encodes a non-negative big-endian number. */
export function encodeInteger(value: Uint8Array): Uint8Array {
  let start = 0;
  while (start < value.length - 1 && value[start] === 0) start += 1;
  const digits = value.subarray(start);
  const sign = (digits[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(0);
  return encodeElement(TAG.integer, sign, digits);
}

/** Splits the content of a constructed element (or a whole input) into its elements. */
export function readElements(bytes: Uint8Array): readonly Element[] | undefined {
  const elements: Element[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const header = readHeader(bytes, offset);
    if (header === undefined) return undefined;
    const end = header.start + header.length;
    if (end > bytes.length) return undefined;
    elements.push({ tag: bytes[offset] ?? 0, content: bytes.subarray(header.start, end) });
    offset = end;
  }
  return elements;
}

/** Reads exactly one element of `tag` that fills `bytes`, and splits its content. */
export function readSequence(bytes: Uint8Array): readonly Element[] | undefined {
  const [only, ...rest] = readElements(bytes) ?? [];
  if (only?.tag !== TAG.sequence || rest.length > 0) return undefined;
  return readElements(only.content);
}

/** Reads a minimal non-negative INTEGER of at most 32 bytes, left-padded to 32. */
export function readInteger32(element: Element | undefined): Uint8Array | undefined {
  if (element?.tag !== TAG.integer) return undefined;
  const [first, second] = element.content;
  if (first === undefined || first >= 0x80) return undefined;
  const padded = first === 0 && second !== undefined;
  if (padded && second < 0x80) return undefined;
  const digits = padded ? element.content.subarray(1) : element.content;
  if (digits.length > 32) return undefined;
  const value = new Uint8Array(32);
  value.set(digits, 32 - digits.length);
  return value;
}

function encodeLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Uint8Array.of(0x80 | digits.length, ...digits);
}

type Header = Readonly<{ start: number; length: number }>;

function readHeader(bytes: Uint8Array, offset: number): Header | undefined {
  const tag = bytes[offset] ?? 0;
  const first = bytes[offset + 1];
  // Multi-byte tags and the indefinite length do not occur in what this package reads.
  if ((tag & 0x1f) === 0x1f || first === undefined) return undefined;
  if (first < 0x80) return { start: offset + 2, length: first };
  return readLongLength(bytes, offset + 2, first & 0x7f);
}

function readLongLength(bytes: Uint8Array, at: number, size: number): Header | undefined {
  if (size === 0 || size > 4 || at + size > bytes.length) return undefined;
  let length = 0;
  for (const digit of bytes.subarray(at, at + size)) length = length * 256 + digit;
  const minimal = length >= 0x80 && length >= 256 ** (size - 1);
  return minimal ? { start: at + size, length } : undefined;
}
