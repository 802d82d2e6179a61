// SPDX-License-Identifier: Apache-2.0
// Merkle roots over 32-byte leaves in RFC 6962's shape: the left subtree is the largest power of
// two below the count, so levels can be hashed from the bottom with an odd node carried up.
import { asBytes, concatBytes, copyBytes } from './bytes.ts';
import { engine } from './engine.ts';
import { GuomiError } from './errors.ts';

export type MerkleOptions = Readonly<{
  /** Prefix byte of leaves, hashed as SM3(prefix ‖ leaf); absent: the leaves are hashes already. */
  leafPrefix?: number | undefined;
  /** Prefix byte of inner nodes, SM3(prefix ‖ left ‖ right); 0x01 when absent. */
  nodePrefix?: number | undefined;
}>;

/**
 * Returns the root over `leaves`, n ≥ 1 concatenated values of 32 bytes.
 * @throws GuomiError LEAVES_MALFORMED
 */
export function merkleRoot(leaves: Uint8Array, options: MerkleOptions = {}): Uint8Array {
  const whole = asBytes(leaves, 'leaves');
  if (whole.length === 0 || whole.length % 32 !== 0) {
    throw new GuomiError('LEAVES_MALFORMED', 'leaves are one or more values of 32 bytes');
  }
  const { hashEach } = engine.current();
  const leafPrefix = options.leafPrefix;
  let level = leafPrefix === undefined ? copyBytes(whole) : hashEach(whole, 32, leafPrefix);
  while (level.length > 32) {
    const pairs = Math.floor(level.length / 64);
    const next = hashEach(level.subarray(0, 64 * pairs), 64, options.nodePrefix ?? 1);
    const odd = level.subarray(64 * pairs);
    level = odd.length === 0 ? next : concatBytes(next, odd);
  }
  return level;
}
