// SPDX-License-Identifier: Apache-2.0
// PBKDF2 (RFC 8018 §5.2) over HMAC-SM3; the two key blocks are compressed once, not in each round.
import { concatBytes } from './bytes.ts';
import { SM3_INITIAL } from './sm3-rolled.ts';
import { createStream, hmacWith, type Compress } from './sm3-stream.ts';

/** Derives at most 32 bytes from a password. */
export function pbkdf2(
  compress: Compress,
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  length: number,
): Uint8Array {
  const key = password.length > 64 ? createStream(compress).update(password).digest() : password;
  const inner = keyState(compress, key, 0x36);
  const outer = keyState(compress, key, 0x5c);
  const first = hmacWith(compress, key, concatBytes(salt, Uint8Array.of(0, 0, 0, 1)));
  const result = Uint8Array.from(first);
  // One block of a digest, padded as the second block of a message: 96 bytes in all.
  const block = new Uint8Array(64);
  block.set(first);
  block.set([0x80], 32);
  block.set([0x03, 0x00], 62);
  const view = new DataView(block.buffer);
  const state = new Int32Array(8);
  for (let round = 1; round < iterations; round += 1) {
    for (const start of [inner, outer]) {
      state.set(start);
      compress(state, block, 0, 1);
      for (let word = 0; word < 8; word += 1) view.setInt32(4 * word, state[word] ?? 0);
    }
    for (let index = 0; index < 32; index += 1) {
      result[index] = (result[index] ?? 0) ^ (block[index] ?? 0);
    }
  }
  for (const secret of [inner, outer, state]) secret.fill(0);
  block.fill(0);
  return result.slice(0, length);
}

function keyState(compress: Compress, key: Uint8Array, pad: number): Int32Array {
  const block = new Uint8Array(64).fill(pad);
  for (const [index, byte] of key.entries()) block[index] = byte ^ pad;
  const state = Int32Array.from(SM3_INITIAL);
  compress(state, block, 0, 1);
  block.fill(0);
  return state;
}
