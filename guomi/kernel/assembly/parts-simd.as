// SPDX-License-Identifier: Apache-2.0
// SM3(prefix ‖ part) of many parts of 32 or 64 bytes, four at once in the lanes of v128.
import { sm3Blocks4 } from './sm3four';
import { sm3Start } from './digest';
import { CHUNK, OUTPUT, STATE, WORK } from './layout';

const LANE: usize = 128;

/** Replaces `count` parts at CHUNK by their digests, packed from CHUNK on. */
export function hashParts(count: i32, partBytes: i32, prefix: i32): void {
  const size = <usize>partBytes;
  const blocks = partBytes == 32 ? 1 : 2;
  memory.fill(WORK, 0, 4 * LANE);
  for (let lane: usize = 0; lane < 4; lane++) {
    const block = WORK + LANE * lane;
    store<u8>(block, <u8>prefix);
    store<u8>(block + 1 + size, 0x80);
    store<u32>(block + 64 * <usize>blocks - 4, bswap<u32>(8 * (<u32>partBytes + 1)));
  }
  for (let i = 0; i < count; i += 4) {
    // The last group may read past the parts; what it makes of that is not written.
    for (let lane: usize = 0; lane < 4; lane++) {
      place(WORK + LANE * lane + 1, CHUNK + size * (<usize>i + lane), size);
    }
    start4();
    sm3Blocks4(STATE, WORK, WORK + LANE, WORK + 2 * LANE, WORK + 3 * LANE, blocks);
    for (let lane = 0; lane < min(4, count - i); lane++) {
      for (let word: usize = 0; word < 8; word++) {
        store<u32>(CHUNK + 32 * <usize>(i + lane) + 4 * word, bswap<u32>(load<u32>(STATE + 16 * word + 4 * <usize>lane)));
      }
    }
  }
}

// @ts-ignore: decorator
@inline function place(o: usize, a: usize, size: usize): void {
  v128.store(o, v128.load(a));
  v128.store(o, v128.load(a, 16), 16);
  if (size == 64) {
    v128.store(o, v128.load(a, 32), 32);
    v128.store(o, v128.load(a, 48), 48);
  }
}

function start4(): void {
  sm3Start(OUTPUT);
  for (let word: usize = 0; word < 8; word++) {
    v128.store(STATE + 16 * word, v128.load32_splat(OUTPUT + 4 * word));
  }
}
