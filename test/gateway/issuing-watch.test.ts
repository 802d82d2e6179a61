// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import { createMetrics } from '../../gateway/src/metrics.ts';
import { issuingStates } from '../../gateway/src/observing/issuing-state.ts';
import { createIssuingWatch } from '../../gateway/src/observing/issuing-watch.ts';
import { parseExposition } from '../support/exposition.ts';

const USCC = '11440000000000003A';
const LANE = { uscc: USCC, epoch: 7 };

describe('gateway: what issuing tells of itself', () => {
  let now: number;
  let metrics: ReturnType<typeof createMetrics>;
  let watch: ReturnType<typeof createIssuingWatch>;
  const copy = (index: number) => ({ uscc: USCC, type: 'driving', place: { epoch: 7, index } });
  const batch = (first: number, count: number) => ({ ...LANE, type: 'driving', first, count });
  const figure = async (name: string) =>
    parseExposition(await metrics.text()).samples.find(
      (sample) => sample.name === `zhenglian_${name}`,
    )?.value;

  beforeEach(() => {
    now = 100;
    metrics = createMetrics({ process: false });
    watch = createIssuingWatch(metrics, () => now);
  });

  it('counts accepted copies and measures a batch from its first copy to its release', async () => {
    watch.placed([copy(0), copy(1)]);
    now = 103;
    watch.placed([copy(2)]);
    now = 110;
    watch.released(batch(0, 2));
    expect(await figure('copies_accepted_total')).to.equal(3);
    expect(await figure('anchor_lag_seconds_sum')).to.equal(10);
    expect(watch.waited(LANE, 2)).to.equal(7);
    watch.released(batch(2, 1));
    expect(await figure('anchor_lag_seconds_sum')).to.equal(17);
    now = 111;
    watch.placed([copy(3)]);
    now = 113;
    expect(watch.waited(LANE, 3)).to.equal(2);
  });

  it('takes what was there before the start to wait since then', () => {
    now = 105;
    expect(watch.waited(LANE, 0)).to.equal(5);
  });

  it('sums the lanes of a type, and shows a type without a lane only where it may issue', () => {
    watch.placed([copy(11)]);
    now = 104;
    const rest = { instance: 'i', type: 'driving', n: 0 };
    const lanes = [
      { ...LANE, ...rest, state: 'open' as const, next: 12, anchored: 10 },
      { uscc: USCC, epoch: 8, ...rest, state: 'open' as const, next: 36, anchored: 36 },
      { uscc: USCC, epoch: 9, ...rest, state: 'closed' as const, next: 5, anchored: 4 },
    ];
    const states = issuingStates({
      lanes: { all: () => lanes },
      authorities: [{ uscc: USCC, types: ['driving', 'trade', 'birth'] }],
      shelf: { isAccredited: (_, type) => type !== 'birth' },
      watch,
    });
    expect(states).to.deep.equal([
      {
        authority: USCC,
        type: 'driving',
        waiting: 3,
        oldest: 4,
        room: 2 * 65_536 - 12 - 36,
      },
      { authority: USCC, type: 'trade', waiting: 0, oldest: 0, room: 0 },
    ]);
  });
});
