// SPDX-License-Identifier: Apache-2.0
// What reading and writing CBOR share: the values there are, limits, and the bytes that tell kinds apart.
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

/** Limits of one item; sizes in bytes, `maxItems` per array or map (a map's pair is one item). */
export interface CborLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly maxItems: number;
  readonly maxStringBytes: number;
}

/** Limits for what peers and gateways exchange; a QR code has its own, far smaller ones. */
export const LEDGER_LIMITS: CborLimits = {
  maxBytes: 32 << 20,
  maxDepth: 16,
  maxItems: 1 << 20,
  maxStringBytes: 8 << 20,
};

/** Major types (RFC 8949 §3.1). */
export const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5 } as const;
/** Simple values with their initial bytes. */
export const SIMPLE = { false: 0xf4, true: 0xf5, null: 0xf6 } as const;

/** The error of what is over a limit. */
export function tooLarge(what: string): CodedError {
  return new CodedError('CBOR_TOO_LARGE', `${what} is over its limit`);
}
