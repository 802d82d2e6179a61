// SPDX-License-Identifier: Apache-2.0
// SM3 of many messages of one length, one after the other.
import { sm3Blocks } from './sm3';
import { sm3Start } from './digest';
import { CHUNK, STATE, WORK } from './layout';

/** The digests of prefix ‖ part (of the parts alone when `prefix` is negative) for `count` parts at CHUNK, packed behind them. */
export function hashParts(count: i32, partBytes: i32, prefix: i32): void {
  const size = <usize>partBytes;
  const head: usize = prefix >= 0 ? 1 : 0;
  const length = size + head;
  const blocks = <i32>((length + 72) >> 6);
  let out = CHUNK + size * <usize>count;
  memory.fill(WORK, 0, 64 * <usize>blocks);
  store<u8>(WORK, <u8>prefix);
  store<u8>(WORK + length, 0x80);
  store<u32>(WORK + 64 * <usize>blocks - 4, bswap<u32>(8 * <u32>length));
  for (let i = 0; i < count; i++) {
    memory.copy(WORK + head, CHUNK + size * <usize>i, size);
    sm3Start(STATE);
    sm3Blocks(STATE, WORK, blocks);
    for (let j: usize = 0; j < 32; j += 4) store<u32>(out + j, bswap<u32>(load<u32>(STATE + j)));
    out += 32;
  }
}
