// SPDX-License-Identifier: Apache-2.0
// Deterministic CBOR (RFC 8949 §4.2.1), strict both ways; the only place that knows the CBOR library.
// cborg alone accepts repeated and unsorted keys and overflows on deep nesting: bytes are scanned
// first (`cbor-scan.ts`), then decoded, then encoded again and compared.
import { decode, encode, rfc8949EncodeOptions } from 'cborg';
import { equals, utf8 } from './bytes.ts';
import { scanCbor } from './cbor-scan.ts';
import type { CborLimits } from './cbor-scan.ts';
import { CodedError } from './errors.ts';

/** What deterministic CBOR of this product can hold. Integers beyond 2^53 are bigint. */
export type CborValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly CborValue[]
  | ReadonlyMap<CborKey, CborValue>;
export type CborKey = string | number;
/** What may be encoded: as `CborValue`, with plain objects for maps with text keys. */
export type CborInput =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly CborInput[]
  | ReadonlyMap<CborKey, CborInput>
  | { readonly [key: string]: CborInput | undefined };

/** Limits for what peers and gateways exchange; a QR code has its own, far smaller ones. */
export const LEDGER_LIMITS: CborLimits = {
  maxBytes: 32 << 20,
  maxDepth: 16,
  maxItems: 1 << 20,
  maxStringBytes: 8 << 20,
};

/** Encodes a value; a member of a plain object that is `undefined` is left out. @throws CBOR_TYPE on a float */
export function encodeCbor(value: CborInput): Uint8Array {
  const bytes = encode(plain(value), rfc8949EncodeOptions);
  scanCbor(bytes, LEDGER_LIMITS, true);
  return bytes;
}

/** The same bytes as `encodeCbor` for a value that holds no others, without the library: hashing a licence encodes one a field. */
export function encodeScalar(
  value: null | boolean | number | bigint | string | Uint8Array,
): Uint8Array {
  if (typeof value === 'string') return withHead(3, utf8(value));
  if (value instanceof Uint8Array) return withHead(2, value);
  if (value === null) return Uint8Array.of(0xf6);
  if (typeof value === 'boolean') return Uint8Array.of(value ? 0xf5 : 0xf4);
  if (!Number.isSafeInteger(value)) return encodeCbor(value);
  const number = Number(value);
  return number < 0 ? head(1, -1 - number, 0) : head(0, number, 0);
}

/** Head of an item (RFC 8949 §3) in its shortest form, and room for so many bytes after it. */
function head(major: number, value: number, room: number): Uint8Array {
  const width =
    value < 24 ? 0 : value < 0x100 ? 1 : value < 0x1_0000 ? 2 : value <= 0xffff_ffff ? 4 : 8;
  const bytes = new Uint8Array(1 + width + room);
  const info = width === 0 ? value : 24 + Math.log2(width);
  bytes[0] = (major << 5) | info;
  for (let i = width, left = value; i > 0; i -= 1, left = Math.floor(left / 256)) {
    bytes[i] = left % 256;
  }
  return bytes;
}

function withHead(major: number, content: Uint8Array): Uint8Array {
  if (content.length > LEDGER_LIMITS.maxStringBytes)
    throw new CodedError('CBOR_TOO_LARGE', 'a string is over its limit');
  const bytes = head(major, content.length, content.length);
  bytes.set(content, bytes.length - content.length);
  return bytes;
}

/**
 * Decodes one item and nothing more; maps come as `Map`.
 * @throws CBOR_TOO_LARGE, CBOR_TOO_DEEP, CBOR_MALFORMED, CBOR_NOT_CANONICAL, CBOR_TYPE, CBOR_UTF8, CBOR_TRAILING
 */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits = LEDGER_LIMITS): CborValue {
  scanCbor(bytes, limits, false);
  return decodeScanned(bytes);
}

/** Decodes the tagged COSE_Sign1 (`d2` before an array): the one place where a tag may stand. @throws as `decodeCbor` */
export function decodeTagged18(bytes: Uint8Array, limits: CborLimits): CborValue {
  if (bytes[0] !== 0xd2) throw new CodedError('COSE_SHAPE', 'not a tagged COSE_Sign1');
  return decodeCbor(bytes.subarray(1), limits);
}

function decodeScanned(bytes: Uint8Array): CborValue {
  let value: unknown;
  try {
    value = decode(bytes, { useMaps: true, strict: true, rejectDuplicateMapKeys: true });
  } catch (cause) {
    throw new CodedError('CBOR_NOT_CANONICAL', 'not deterministic CBOR', { cause });
  }
  const parsed = value as CborValue;
  if (!equals(encode(parsed, rfc8949EncodeOptions), bytes)) {
    throw new CodedError('CBOR_NOT_CANONICAL', 'not deterministic CBOR');
  }
  return parsed;
}

function plain(value: CborInput): unknown {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return (value as readonly CborInput[]).map(plain);
  if (value instanceof Map) {
    return new Map([...(value as ReadonlyMap<CborKey, CborInput>)].map(([k, v]) => [k, plain(v)]));
  }
  const members = Object.entries(value as Record<string, CborInput | undefined>);
  return new Map(members.flatMap(([k, v]) => (v === undefined ? [] : [[k, plain(v)] as const])));
}
