// SPDX-License-Identifier: Apache-2.0
// SM3(prefix ‖ part) of many parts of 32 or 64 bytes, one after the other.
import { sm3Blocks } from './sm3';
import { sm3Start } from './digest';
import { CHUNK, STATE, WORK } from './layout';

/** Replaces `count` parts at CHUNK by their digests, packed from CHUNK on. */
export function hashParts(count: i32, partBytes: i32, prefix: i32): void {
  const size = <usize>partBytes;
  const blocks = partBytes == 32 ? 1 : 2;
  memory.fill(WORK, 0, 128);
  store<u8>(WORK, <u8>prefix);
  store<u8>(WORK + 1 + size, 0x80);
  store<u32>(WORK + 64 * <usize>blocks - 4, bswap<u32>(8 * (<u32>partBytes + 1)));
  for (let i = 0; i < count; i++) {
    memory.copy(WORK + 1, CHUNK + size * <usize>i, size);
    sm3Start(STATE);
    sm3Blocks(STATE, WORK, blocks);
    for (let j: usize = 0; j < 32; j += 4) {
      store<u32>(CHUNK + 32 * <usize>i + j, bswap<u32>(load<u32>(STATE + j)));
    }
  }
}
