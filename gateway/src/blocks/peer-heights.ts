// SPDX-License-Identifier: Apache-2.0
// How high the ledger is, by more than one peer's word: a peer that hides new blocks must not make anybody believe to be level.
import type { BlockPeers } from './witnesses.ts';

/**
 * The height that `least` organisations' peers have reached, f + 1 of the channel's: at least one of them is honest. f peers that are silent
 * are not waited for, but where fewer peers are known than f + 1 the height is the lowest of theirs. Throws what the first peer threw when
 * too few answer.
 */
export async function agreedHeight(peers: BlockPeers, least: number): Promise<number> {
  const { msps } = peers;
  const wanted = Math.min(least, msps.length);
  const enough = Math.max(wanted, msps.length - wanted + 1);
  const heights: number[] = [];
  const errors: unknown[] = [];
  await new Promise<void>((resolve) => {
    const settle = () => {
      const isDone = heights.length + errors.length === msps.length;
      if (isDone || heights.length >= enough) resolve();
    };
    for (const msp of msps) {
      peers
        .height(msp)
        .then((height) => heights.push(height))
        .catch((error: unknown) => errors.push(error))
        .finally(settle);
    }
  });
  const agreed = heights.sort((a, b) => b - a)[wanted - 1];
  if (agreed === undefined) throw errors[0];
  return agreed;
}
