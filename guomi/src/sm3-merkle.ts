// SPDX-License-Identifier: Apache-2.0
// Merkle roots over 32-byte leaves in RFC 6962's shape: the left subtree is the largest power of
// two below the count, so levels can be hashed from the bottom with an odd node carried up.
import { asBytes, concatBytes, copyBytes } from './bytes.ts';
import { currentEngine } from './current-engine.ts';
import { GuomiError } from './errors.ts';

export type MerkleOptions = Readonly<{
  /** Prefix byte of leaves, hashed as SM3(prefix ‖ leaf); absent: the leaves are hashes already. */
  leafPrefix?: number | undefined;
  /** Prefix byte of inner nodes, SM3(prefix ‖ left ‖ right); 0x01 when absent. */
  nodePrefix?: number | undefined;
}>;

/**
 * Returns the root over `leaves`, n ≥ 1 concatenated values of 32 bytes.
 * @throws GuomiError LEAVES_MALFORMED, PREFIX_INVALID
 */
export function merkleRoot(leaves: Uint8Array, options: MerkleOptions = {}): Uint8Array {
  const whole = asBytes(leaves, 'leaves');
  if (whole.length === 0 || whole.length % 32 !== 0) {
    throw new GuomiError('LEAVES_MALFORMED', 'leaves are one or more values of 32 bytes');
  }
  const { leafPrefix, nodePrefix = 1 } = options;
  checkPrefixes(leafPrefix, nodePrefix);
  const { hashEach } = currentEngine();
  let level = leafPrefix === undefined ? copyBytes(whole) : hashEach(whole, 32, leafPrefix);
  while (level.length > 32) {
    const pairs = Math.floor(level.length / 64);
    const next = hashEach(level.subarray(0, 64 * pairs), 64, nodePrefix);
    const odd = level.subarray(64 * pairs);
    level = odd.length === 0 ? next : concatBytes(next, odd);
  }
  return level;
}

function checkPrefixes(leafPrefix: number | undefined, nodePrefix: number): void {
  if (!isByte(nodePrefix) || (leafPrefix !== undefined && !isByte(leafPrefix))) {
    throw new GuomiError('PREFIX_INVALID', 'a prefix is an integer from 0 to 255');
  }
  // RFC 6962 §2.1: nothing hashed as a leaf may ever pass for a node.
  if (leafPrefix === nodePrefix) {
    throw new GuomiError('PREFIX_INVALID', 'the prefixes of leaves and nodes differ');
  }
}

/** Whether a number is a byte. */
export function isByte(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 255;
}
