// SPDX-License-Identifier: Apache-2.0
// Which organisation's peer to read from next: own organisation first; one that failed rests a little, one that showed a bad block is avoided for long
// and named.
import { isCodedError } from '@zhenglian/core/errors';

/** A peer that is left for another, and why. */
export interface PeerLeft {
  readonly msp: string;
  readonly error: unknown;
  /** It showed a block or flags that are not the channel's. */
  readonly isLiar: boolean;
}

/** What is known of the peers. */
export interface PeerStanding {
  /** Peers to be read from, the best first: none that rests or is avoided. */
  candidates(): readonly string[];
  /** All peers but those that are avoided as liars. */
  credible(): readonly string[];
  leave(msp: string, error: unknown): void;
}

const REST_MS = 2000;
const AVOID_MS = 600_000;

/** Nothing is known yet: all are candidates, in this order. */
export function openStanding(
  msps: readonly string[],
  report: (left: PeerLeft) => void,
  clock: () => number = () => performance.now(),
): PeerStanding {
  const rests = new Map<string, number>();
  const avoided = new Map<string, number>();
  const isFree = (until: ReadonlyMap<string, number>) => (msp: string) =>
    (until.get(msp) ?? -Infinity) <= clock();
  return {
    candidates: () => msps.filter(isFree(rests)).filter(isFree(avoided)),
    credible: () => msps.filter(isFree(avoided)),
    leave(msp, error) {
      const isLiar = isCodedError(error, 'BLOCK_INVALID');
      if (isLiar) avoided.set(msp, clock() + AVOID_MS);
      else rests.set(msp, clock() + REST_MS);
      report({ msp, error, isLiar });
    },
  };
}
