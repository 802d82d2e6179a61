// SPDX-License-Identifier: Apache-2.0
// An organisation falls silent: all its processes are stopped (SIGSTOP) and go on a minute later. Their connections stay open and nobody
// answers, as behind a cut line that drops packets; unlike there, the organisation itself does not run meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import { kill } from 'node:process';
import { listProcesses } from '@zhenglian/network/fabric/processes';
import { restartStuckOrderers } from '@zhenglian/network/fabric/stuck-orderers';
import { organisationOf } from '@zhenglian/network/fabric/members';
import { BATCHES, demand } from './drill.ts';
import type { Drill } from './drill.ts';
import { peerHead } from './heads.ts';
import { until } from './steady.ts';

const VICTIM = 'P33';
const CUT_SECONDS = 60;

export const PARTITION: Drill = {
  what: 'an organisation falls silent for a minute (its processes stopped) and comes back (--seconds N)',
  aimMs: 15_000,
  run: async (stage) => {
    const { layout, line, say, programs } = stage;
    const seconds = stage.seconds ?? CUT_SECONDS;
    const pids = listProcesses(layout)
      .filter(({ name, alive }) => alive && name.includes(`-${VICTIM}`))
      .map(({ pid }) => pid);
    const before = line.accepted;
    try {
      for (const pid of pids) kill(pid, 'SIGSTOP');
      await sleep(seconds * 1000);
      await line.await(BATCHES);
    } finally {
      for (const pid of pids) kill(pid, 'SIGCONT');
    }
    const returned = Date.now();
    const during = line.accepted - before;
    say(
      `${VICTIM} silent for ${String(seconds)} s (${String(pids.length)} processes): ${String(during)} batches meanwhile`,
    );
    demand(during >= BATCHES, 'the others did not go on');
    const victim = organisationOf(layout, VICTIM);
    const other = organisationOf(layout, 'P44');
    const { height } = await peerHead(stage, other);
    await until('the returned peer at the height of the others', async () => {
      const head = await peerHead(stage, victim).catch(() => ({ height: 0 }));
      return head.height >= height;
    });
    say(`its peer is at the height of the others after ${String(Date.now() - returned)} ms`);
    await line.await(BATCHES);
    const stuck = await restartStuckOrderers(programs, layout);
    say(
      stuck.length === 0
        ? 'its orderer caught up by itself'
        : `orderer of ${stuck.join(', ')} stood still and was started again (operations.md §5)`,
    );
  },
};
