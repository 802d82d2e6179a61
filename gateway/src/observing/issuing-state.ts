// SPDX-License-Identifier: Apache-2.0
// How issuing stands, an authority and a type at a time: read from the lanes when metrics are asked for, never on the
// way of a licence.
import { EPOCH_SIZE } from '@zhenglian/core/anchor';
import type { IssuingAuthority } from '../config.ts';
import type { Lane } from '../issuance/lanes.ts';
import type { IssuingWatch } from './issuing-watch.ts';

/** What copies of a type wait for, and how much room they have. */
export interface IssuingState {
  readonly authority: string;
  readonly type: string;
  /** Copies that are in no released batch. */
  readonly waiting: number;
  /** Seconds that the one of them has waited that waits longest; 0 when none does. */
  readonly oldest: number;
  /** Status indexes left in the open lanes of this instance. */
  readonly room: number;
}

export interface IssuingStateParts {
  readonly lanes: { all(): readonly Lane[] };
  readonly authorities: readonly IssuingAuthority[];
  readonly shelf: { isAccredited(uscc: string, type: string): boolean };
  readonly watch: Pick<IssuingWatch, 'waited'>;
}

/** The state of each type that an authority is accredited for, or has copies of. */
export function issuingStates(parts: IssuingStateParts): readonly IssuingState[] {
  const all = parts.lanes.all();
  return parts.authorities.flatMap(({ uscc: authority, types }) =>
    types.flatMap((type) => {
      const lanes = all.filter((lane) => lane.uscc === authority && lane.type === type);
      if (lanes.length === 0 && !parts.shelf.isAccredited(authority, type)) return [];
      const waiting = lanes.filter(({ next, anchored }) => next > anchored);
      const open = lanes.filter(({ state }) => state === 'open');
      return {
        authority,
        type,
        waiting: waiting.reduce((sum, { next, anchored }) => sum + next - anchored, 0),
        oldest: Math.max(0, ...waiting.map((lane) => parts.watch.waited(lane, lane.anchored))),
        room: open.reduce((sum, { next }) => sum + EPOCH_SIZE - next, 0),
      };
    }),
  );
}
