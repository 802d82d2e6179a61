// SPDX-License-Identifier: Apache-2.0
// Lengths of GCM (NIST SP 800-38D) that both ways of computing it share.

export const TAG_BYTES = 16;
/** A key made ready: 32 round keys, low byte first, and H. */
export const PREPARED_BYTES = 144;

/** A length in bytes, filled up to whole blocks. */
export function wholeBlocks(length: number): number {
  return (length + 15) & ~15;
}

/** The last block that GHASH takes in: both lengths in bits. */
export function gcmLengths(additional: number, text: number): Uint8Array {
  const block = new Uint8Array(16);
  const view = new DataView(block.buffer);
  for (const [at, bytes] of [additional, text].entries()) {
    view.setUint32(8 * at, Math.floor(bytes / 0x2000_0000));
    view.setUint32(8 * at + 4, (bytes * 8) >>> 0);
  }
  return block;
}
