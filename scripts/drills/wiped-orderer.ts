// SPDX-License-Identifier: Apache-2.0
// An orderer loses its machine: killed, its data gone, the log of what it has signed too. It joins again with the first block and takes every
// block from the others; until it is level it is the one that four can spare.
import { rmSync } from 'node:fs';
import { organisationOf } from '@zhenglian/network/fabric/members';
import { bringUp } from '@zhenglian/network/fabric/network';
import { killProcess } from '@zhenglian/network/fabric/processes';
import { ordererRelation } from '@zhenglian/network/fabric/status';
import { BATCHES, demand } from './drill.ts';
import type { Drill } from './drill.ts';
import { ordererHeights } from './heads.ts';
import { followerOf } from './nodes.ts';
import { until } from './steady.ts';

export const WIPED_ORDERER: Drill = {
  what: 'an orderer is killed and its data wiped; `up` joins it again and it takes every block from the others',
  hasDesk: true,
  aimMs: 8000,
  run: async (stage) => {
    const { layout, line, say, programs } = stage;
    const victim = organisationOf(layout, await followerOf(stage));
    const [before = 0] = await ordererHeights(stage, [victim]);
    await killProcess(layout, `orderer-${victim.msp}`);
    rmSync(victim.folders.ordererData, { recursive: true, force: true });
    await line.await(BATCHES);
    const started = Date.now();
    await bringUp(stage);
    await until('the wiped orderer at the height it had', async () => {
      const [height = 0] = await ordererHeights(stage, [victim]).catch(() => []);
      return height >= before;
    });
    const took = Date.now() - started;
    say(
      `orderer-${victim.msp}: ${String(before)} blocks ${String(took)} ms after its return began`,
    );
    const relation = await ordererRelation(programs, layout, victim);
    demand(relation === 'consenter', `it is ${relation ?? 'nothing'} of the channel`);
    say('it is a consenter again');
    await line.await(BATCHES);
  },
};
