// SPDX-License-Identifier: Apache-2.0
// What issuing tells of itself: copies that were accepted, and how long each lane's wait for their anchor. The times are
// of this run only and cost a few numbers a lane; what waited before the start is taken to wait since then.
import type { Metrics } from '../metrics.ts';

/** An index of a lane. */
interface PlacedCopy {
  readonly uscc: string;
  readonly type: string;
  readonly place: { readonly epoch: number; readonly index: number };
}
interface LanePart {
  readonly uscc: string;
  readonly epoch: number;
}

/** Told by placing and by anchoring. */
export interface IssuingWatch {
  /** Copies are stored and wait. */
  placed(copies: readonly PlacedCopy[]): void;
  /** A batch is anchored and stored as such. */
  released(
    batch: LanePart & { readonly type: string; readonly first: number; readonly count: number },
  ): void;
  /** Seconds that the copy at an index of a lane, which waits, has waited. */
  waited(lane: LanePart, index: number): number;
}

/** Copies below an index were placed at a time, or at most a tenth of a second later. */
interface Mark {
  readonly below: number;
  readonly at: number;
}

const ONE_MARK_WITHIN = 0.1;

/** Watches from now on; `now` gives seconds that never go back. */
export function createIssuingWatch(
  metrics: Pick<Metrics, 'count' | 'observe'>,
  now: () => number = () => performance.now() / 1000,
): IssuingWatch {
  const startedAt = now();
  const lanes = new Map<string, readonly Mark[]>();
  const marksOf = (lane: LanePart) => lanes.get(nameOf(lane)) ?? [];
  const waited = (lane: LanePart, index: number) => {
    const at = marksOf(lane).find(({ below }) => index < below)?.at ?? startedAt;
    return Math.max(0, now() - at);
  };
  return {
    placed(copies) {
      for (const { uscc, type, place } of copies) {
        metrics.count('copies_accepted_total', { type });
        const lane = { uscc, epoch: place.epoch };
        lanes.set(nameOf(lane), withCopy(marksOf(lane), place.index + 1, now()));
      }
    },
    released({ type, first, count, ...lane }) {
      metrics.observe('anchor_lag_seconds', { type }, waited(lane, first));
      const left = marksOf(lane).filter(({ below }) => below > first + count);
      if (left.length === 0) lanes.delete(nameOf(lane));
      else lanes.set(nameOf(lane), left);
    },
    waited,
  };
}

function withCopy(marks: readonly Mark[], below: number, at: number): readonly Mark[] {
  const last = marks.at(-1);
  if (last === undefined || at - last.at > ONE_MARK_WITHIN) return [...marks, { below, at }];
  return [...marks.slice(0, -1), { below, at: last.at }];
}

function nameOf({ uscc, epoch }: LanePart): string {
  return `${uscc}/${String(epoch)}`;
}
