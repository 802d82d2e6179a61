// SPDX-License-Identifier: Apache-2.0
// SM3 of many messages of one length, four at once in the lanes of v128.
import { sm3Blocks4 } from './sm3four';
import { sm3Start } from './digest';
import { CHUNK, OUTPUT, STATE, WORK } from './layout';

/** The digests of prefix ‖ part (of the parts alone when `prefix` is negative) for `count` parts at CHUNK, packed behind them. */
export function hashParts(count: i32, partBytes: i32, prefix: i32): void {
  const size = <usize>partBytes;
  const head: usize = prefix >= 0 ? 1 : 0;
  const length = size + head;
  const blocks = <i32>((length + 72) >> 6);
  const step = 64 * <usize>blocks;
  let out = CHUNK + size * <usize>count;
  memory.fill(WORK, 0, 4 * step);
  for (let lane: usize = 0; lane < 4; lane++) {
    const block = WORK + step * lane;
    store<u8>(block, <u8>prefix);
    store<u8>(block + length, 0x80);
    store<u32>(block + step - 4, bswap<u32>(8 * <u32>length));
  }
  for (let i = 0; i < count; i += 4) {
    // The last group may read past the parts; what it makes of that is not written.
    for (let lane: usize = 0; lane < 4; lane++) {
      place(WORK + step * lane + head, CHUNK + size * (<usize>i + lane), size);
    }
    start4();
    sm3Blocks4(STATE, WORK, WORK + step, WORK + 2 * step, WORK + 3 * step, blocks);
    for (let lane = 0; lane < min(4, count - i); lane++) {
      for (let word: usize = 0; word < 8; word++) {
        store<u32>(out + 4 * word, bswap<u32>(load<u32>(STATE + 16 * word + 4 * <usize>lane)));
      }
      out += 32;
    }
  }
}

/** Sixteen bytes at a time, the last ones over some of those before. */
// @ts-ignore: decorator
@inline function place(o: usize, a: usize, size: usize): void {
  if (size < 16) {
    for (let i: usize = 0; i < size; i++) store<u8>(o + i, load<u8>(a + i));
    return;
  }
  const last = size - 16;
  for (let i: usize = 0; i < last; i += 16) v128.store(o + i, v128.load(a + i));
  v128.store(o + last, v128.load(a + last));
}

function start4(): void {
  sm3Start(OUTPUT);
  for (let word: usize = 0; word < 8; word++) {
    v128.store(STATE + 16 * word, v128.load32_splat(OUTPUT + 4 * word));
  }
}
