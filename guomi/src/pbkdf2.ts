// SPDX-License-Identifier: Apache-2.0
// PBKDF2 (RFC 8018 §5.2) over HMAC-SM3; the two key blocks are compressed once, not in each round.
import { concatBytes } from './bytes.ts';
import { SM3_INITIAL } from './sm3-rolled.ts';
import { createStream, hmacWith, type Compress } from './sm3-stream.ts';

/** Derives at most 32 bytes from a password. What the key is made of is cleared, also when it is not made. */
export function pbkdf2(
  compress: Compress,
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  length: number,
): Uint8Array {
  const made: (Uint8Array | Int32Array)[] = [];
  const kept = <T extends Uint8Array | Int32Array>(secret: T): T => {
    made.push(secret);
    return secret;
  };
  try {
    const key =
      password.length > 64 ? kept(createStream(compress).update(password).digest()) : password;
    const inner = kept(keyState(compress, key, 0x36));
    const outer = kept(keyState(compress, key, 0x5c));
    const first = kept(hmacWith(compress, key, concatBytes(salt, Uint8Array.of(0, 0, 0, 1))));
    const result = kept(Uint8Array.from(first));
    // One block of a digest, padded as the second block of a message: 96 bytes in all.
    const block = kept(new Uint8Array(64));
    block.set(first);
    block.set([0x80], 32);
    block.set([0x03, 0x00], 62);
    const view = new DataView(block.buffer);
    const state = kept(new Int32Array(8));
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
    return result.slice(0, length);
  } finally {
    for (const secret of made) secret.fill(0);
  }
}

function keyState(compress: Compress, key: Uint8Array, pad: number): Int32Array {
  const block = new Uint8Array(64).fill(pad);
  for (const [index, byte] of key.entries()) block[index] = byte ^ pad;
  const state = Int32Array.from(SM3_INITIAL);
  try {
    compress(state, block, 0, 1);
    return state;
  } finally {
    block.fill(0);
  }
}
