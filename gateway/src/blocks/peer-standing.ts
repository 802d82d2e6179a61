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
  /** Peers to be asked for their word: candidates, then those that rest; none that is avoided. */
  credible(): readonly string[];
  leave(msp: string, error: unknown): void;
}

interface Rest {
  readonly until: number;
  readonly failures: number;
}

const REST_MS = 2000;
const LONGEST_REST_MS = 10_000;
/** Who was well for so long begins anew. */
const FORGET_MS = 60_000;
const AVOID_MS = 600_000;

/** Nothing is known yet: all are candidates, in this order. A failure of one that rests already is not reported again. */
export function openStanding(
  msps: readonly string[],
  report: (left: PeerLeft) => void,
  clock: () => number = () => performance.now(),
): PeerStanding {
  const rests = new Map<string, Rest>();
  const avoided = new Map<string, number>();
  const isResting = (msp: string) => (rests.get(msp)?.until ?? -Infinity) > clock();
  const isAvoided = (msp: string) => (avoided.get(msp) ?? -Infinity) > clock();
  const credible = () => {
    const known = msps.filter((msp) => !isAvoided(msp));
    return [...known.filter((msp) => !isResting(msp)), ...known.filter(isResting)];
  };
  return {
    candidates: () => credible().filter((msp) => !isResting(msp)),
    credible,
    leave(msp, error) {
      if (isCodedError(error, 'BLOCK_INVALID')) {
        avoided.set(msp, clock() + AVOID_MS);
        report({ msp, error, isLiar: true });
      } else if (!isResting(msp)) {
        rests.set(msp, restAfter(rests.get(msp), clock()));
        report({ msp, error, isLiar: false });
      }
    },
  };
}

/** Each failure in a row makes a longer rest. */
function restAfter(last: Rest | undefined, now: number): Rest {
  const failures = last && now - last.until < FORGET_MS ? last.failures + 1 : 1;
  return { until: now + Math.min(LONGEST_REST_MS, REST_MS * 2 ** (failures - 1)), failures };
}
