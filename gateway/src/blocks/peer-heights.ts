// SPDX-License-Identifier: Apache-2.0
// How high the ledger is, by more than one peer's word: a peer that hides new blocks must not make anybody believe to be level.
import type { BlockPeers } from './witnesses.ts';

/**
 * The height that f + 1 organisations' peers have reached: at least one of them is honest. f peers that are silent are not waited for.
 * Throws what the first peer threw when too few answer.
 */
export async function agreedHeight(peers: BlockPeers): Promise<number> {
  const { msps } = peers;
  const faulty = Math.floor((msps.length - 1) / 3);
  const heights: number[] = [];
  const errors: unknown[] = [];
  await new Promise<void>((resolve) => {
    const settle = () => {
      const isDone = heights.length + errors.length === msps.length;
      if (isDone || heights.length >= msps.length - faulty) resolve();
    };
    for (const msp of msps) {
      peers
        .height(msp)
        .then((height) => heights.push(height))
        .catch((error: unknown) => errors.push(error))
        .finally(settle);
    }
  });
  const agreed = heights.sort((a, b) => b - a)[faulty];
  if (agreed === undefined) throw errors[0];
  return agreed;
}
