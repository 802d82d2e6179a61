// SPDX-License-Identifier: Apache-2.0
// SM3 (GB/T 32905-2016): one-shot, streaming, HMAC, Merkle roots.
import { asBytes, concatBytes, wipe } from './bytes.ts';
import { currentEngine } from './current-engine.ts';
import { GuomiError } from './errors.ts';
import { isByte } from './sm3-merkle.ts';
import { createStream, hmacWith, type Sm3Stream } from './sm3-stream.ts';

export type { Sm3Stream } from './sm3-stream.ts';
export { merkleRoot, type MerkleOptions } from './sm3-merkle.ts';

/** Returns the 32-byte SM3 digest of `bytes`. */
export function hash(bytes: Uint8Array): Uint8Array {
  return currentEngine().hash(asBytes(bytes, 'bytes'));
}

/** Messages that `hashEach` takes four at once; longer ones gain nothing. */
const EACH_BYTES = 4096;

/**
 * Returns the digests of the parts of `length` bytes that `bytes` consists of, concatenated; with a prefix those of
 * prefix ‖ part, the prefix being one byte.
 * @throws GuomiError PARTS_MALFORMED, PREFIX_INVALID
 */
export function hashEach(bytes: Uint8Array, length: number, prefix?: number): Uint8Array {
  const whole = asBytes(bytes, 'bytes');
  if (!Number.isInteger(length) || length < 1 || whole.length % length !== 0) {
    throw new GuomiError('PARTS_MALFORMED', 'bytes are whole parts of a length from 1 on');
  }
  if (prefix !== undefined && !isByte(prefix)) {
    throw new GuomiError('PREFIX_INVALID', 'a prefix is an integer from 0 to 255');
  }
  if (length <= EACH_BYTES) return currentEngine().hashEach(whole, length, prefix);
  const head = prefix === undefined ? new Uint8Array(0) : Uint8Array.of(prefix);
  const digests = new Uint8Array((32 * whole.length) / length);
  for (let at = 0; at < whole.length; at += length) {
    const part = concatBytes(head, whole.subarray(at, at + length));
    digests.set(hash(part), (32 * at) / length);
  }
  return digests;
}

/**
 * Starts a streaming hash.
 * @throws GuomiError STREAM_FINISHED from `update` or `digest` after `digest`
 */
export function create(): Sm3Stream {
  return createStream(currentEngine().compress);
}

/** Returns the 32 bytes of HMAC-SM3 of `message` under `key` (any length). */
export function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  const { compress, forget } = currentEngine();
  const text = asBytes(message, 'message');
  const digested = asBytes(key, 'key').length > 64 ? hash(key) : undefined;
  try {
    return hmacWith(compress, digested ?? key, text);
  } finally {
    wipe(digested);
    forget();
  }
}
