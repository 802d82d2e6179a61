// SPDX-License-Identifier: Apache-2.0
// SM3 over what lies in the module's memory: messages, ZA under the default user ID.
import { sm3Blocks } from './sm3';
import { CHUNK, DIGEST, IDENTITY, KEY, STATE } from './layout';

/** The chaining value before the first block. */
export function sm3Start(state: usize): void {
  store<u32>(state, 0x7380166f);
  store<u32>(state, 0x4914b2b9, 4);
  store<u32>(state, 0x172442d7, 8);
  store<u32>(state, 0xda8a0600, 12);
  store<u32>(state, 0xa96f30bc, 16);
  store<u32>(state, 0x163138aa, 20);
  store<u32>(state, 0xe38dee4d, 24);
  store<u32>(state, 0xb0fb0e4e, 28);
}

/** Pads `length` bytes at `data` in place (room for 72 more), folds them in, writes the digest. */
export function sm3Finish(out: usize, data: usize, length: u32, total: u64): void {
  const end = data + <usize>length;
  const blocks = (length + 9 + 63) >> 6;
  memory.fill(end, 0, (<usize>blocks << 6) - <usize>length);
  store<u8>(end, 0x80);
  store<u64>(data + (<usize>blocks << 6) - 8, bswap<u64>(total << 3));
  sm3Blocks(STATE, data, <i32>blocks);
  for (let i: usize = 0; i < 32; i += 4) store<u32>(out + i, bswap<u32>(load<u32>(STATE + i)));
}

/** The digest of `length` bytes at `data`, padded in place. */
export function sm3At(out: usize, data: usize, length: u32): void {
  sm3Start(STATE);
  sm3Finish(out, data, length, <u64>length);
}

/** ZA of the key at KEY; the head of IDENTITY (146 bytes) is written once by the loader. */
export function userDigest(out: usize): void {
  memory.copy(IDENTITY + 146, KEY, 64);
  sm3At(out, IDENTITY, 210);
}

/** DIGEST = SM3(za ‖ message), the message being at CHUNK with 32 free bytes before it. */
export function messageDigest(za: usize, length: u32): void {
  memory.copy(CHUNK - 32, za, 32);
  sm3At(DIGEST, CHUNK - 32, length + 32);
}
