// SPDX-License-Identifier: Apache-2.0
// GCM (NIST SP 800-38D) of a message that fits into the chunk, in one call under a key made ready before: what a
// row of a store is. PREPARED holds the round keys, then H.
import { addStream, foldBlocks, PAD, sixteen, sm4Key, sm4Load, TAG } from './cipher';
import { CHUNK, NONCE, PREPARED } from './layout';

const H: usize = PREPARED + 128;

/** Makes the key at SECRET ready. */
export function gcmKey(): void {
  sm4Key(0);
  memory.fill(PAD, 0, 256);
  sixteen(PAD);
  memory.copy(H, PAD, 16);
}

/**
 * At CHUNK: the additional data to the end of their block, a block for the tag's mask, the text, and when `opening` the
 * tag. The text is replaced; when sealing the tag is put behind it. 1 unless the tag was wrong.
 */
export function gcm(additional: i32, length: i32, opening: i32): i32 {
  const beside = (additional + 15) & ~15;
  const mask = CHUNK + <usize>beside;
  const text = mask + 16;
  const tag = text + <usize>length;
  const given0 = load<u64>(tag), given1 = load<u64>(tag, 8);
  sm4Load();
  store<u32>(NONCE, 0x01000000, 12);
  memory.fill(TAG, 0, 16);
  memory.fill(CHUNK + <usize>additional, 0, <usize>(beside - additional) + 16);
  foldBlocks(H, CHUNK, beside >> 4);
  for (let pass = 0; pass < 2; pass++) {
    if (pass == opening) {
      // The first block of the stream is the mask: it lies before the text, and was zero.
      addStream(mask, length + 16, 1);
    } else {
      memory.fill(tag, 0, <usize>(-length & 15));
      foldBlocks(H, text, (length + 15) >> 4);
    }
  }
  store<u64>(PAD, bswap<u64>(8 * <u64>additional));
  store<u64>(PAD, bswap<u64>(8 * <u64>length), 8);
  foldBlocks(H, PAD, 1);
  const tag0 = load<u64>(TAG) ^ load<u64>(mask), tag1 = load<u64>(TAG, 8) ^ load<u64>(mask, 8);
  store<u64>(tag, tag0);
  store<u64>(tag, tag1, 8);
  const other = (tag0 ^ given0) | (tag1 ^ given1);
  return 1 - (<i32>((other | (0 - other)) >> 63) & opening);
}
