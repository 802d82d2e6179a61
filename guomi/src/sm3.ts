// SPDX-License-Identifier: Apache-2.0
// SM3 (GB/T 32905-2016): one-shot, streaming, HMAC, Merkle roots.
import { asBytes, wipe } from './bytes.ts';
import { engine } from './engine.ts';
import { createStream, hmacWith, type Sm3Stream } from './sm3-stream.ts';

export type { Sm3Stream } from './sm3-stream.ts';
export { merkleRoot, type MerkleOptions } from './sm3-merkle.ts';

/** Returns the 32-byte SM3 digest of `bytes`. */
export function hash(bytes: Uint8Array): Uint8Array {
  return engine.current().hash(asBytes(bytes, 'bytes'));
}

/**
 * Starts a streaming hash.
 * @throws GuomiError STREAM_FINISHED from `update` or `digest` after `digest`
 */
export function create(): Sm3Stream {
  return createStream(engine.current().compress);
}

/** Returns HMAC-SM3 of `message` under `key` (any length). */
export function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  const { compress, forget } = engine.current();
  const text = asBytes(message, 'message');
  const short = asBytes(key, 'key').length > 64 ? hash(key) : key;
  const code = hmacWith(compress, short, text);
  if (short !== key) wipe(short);
  forget();
  return code;
}
