// SPDX-License-Identifier: Apache-2.0
// An organisation is cut off for a minute: nothing passes between its orderer and peer and those of others, either way, while all of them run on.
// Where this user may not make network namespaces its processes are stopped instead (SIGSTOP), and the print says so.
import { env, kill } from 'node:process';
import { listProcesses } from '@zhenglian/network/fabric/processes';
import { findLeader } from '@zhenglian/network/fabric/status';
import { organisationOf } from '@zhenglian/network/fabric/members';
import { BATCHES, demand } from './drill.ts';
import type { Drill, Stage } from './drill.ts';
import { ordererHeights, peerHead } from './heads.ts';
import { moveToIsland, whyNoIsland } from './island.ts';
import type { Island } from './island.ts';
import { pause, until } from './steady.ts';

const VICTIM = 'P33';
const CUT_SECONDS = 60;
const CATCH_UP_MS = 20_000;

export const PARTITION: Drill = {
  what: 'an organisation is cut off for a minute, both ways, and comes back (--seconds N)',
  hasDesk: true,
  aimMs: 15_000,
  run: async (stage) => {
    const { layout, line, say } = stage;
    const island = await islandOf(stage);
    try {
      const seconds = stage.seconds ?? CUT_SECONDS;
      say(`${(await findLeader(layout)) ?? 'nobody'} leads`);
      await line.await(BATCHES);
      const before = line.accepted;
      line.forgetGap();
      island.cut();
      const cutAt = Date.now();
      try {
        const heights = island.canBeSeen ? await heightsMeanwhile(stage, seconds) : undefined;
        await pause(stage, cutAt + seconds * 1000 - Date.now());
        await line.await(BATCHES);
        if (heights) say(heights);
      } finally {
        island.mend();
      }
      const returned = Date.now();
      const during = line.accepted - before;
      say(`${VICTIM} ${island.how} for ${String(seconds)} s: ${String(during)} batches meanwhile`);
      demand(during >= BATCHES, 'the others did not go on');
      await level(stage, returned);
      await line.await(BATCHES);
      // One that stands still is started again by the `up` that follows, at home: its ports here are the relay's.
      say(
        (await catchesUp(stage))
          ? 'its orderer caught up by itself'
          : 'its orderer stands still and is started again (operations.md §4)',
      );
    } finally {
      await island.leave();
    }
  },
};

interface Cuttable extends Island {
  readonly how: string;
  /** Its nodes run on while they are cut off, and can be asked. */
  readonly canBeSeen: boolean;
}

async function islandOf(stage: Stage): Promise<Cuttable> {
  const { layout } = stage;
  const path = env['PATH'] ?? '';
  const why = await whyNoIsland(path);
  if (why === undefined) {
    const island = await moveToIsland(stage, organisationOf(layout, VICTIM), path);
    return { ...island, how: 'cut off (its ports, both ways)', canBeSeen: true };
  }
  stage.say(`no network namespaces here (${why}): its processes are stopped instead`);
  const signal = (name: NodeJS.Signals) => {
    const own = listProcesses(layout).filter(({ name: each }) => each.split('-')[1] === VICTIM);
    for (const { pid, alive } of own) if (alive) kill(pid, name);
  };
  return {
    how: 'stopped by SIGSTOP, NO port cut, so this was no partition,',
    canBeSeen: false,
    cut: () => signal('SIGSTOP'),
    mend: () => signal('SIGCONT'),
    leave: () => Promise.resolve(),
  };
}

/** What both sides see in the midst: the one that is cut off must not make a block of its own. */
async function heightsMeanwhile(stage: Stage, seconds: number): Promise<string> {
  const victim = organisationOf(stage.layout, VICTIM);
  const others = stage.layout.organisations.filter(({ msp }) => msp !== VICTIM);
  await pause(stage, seconds * 500);
  const [own] = await ordererHeights(stage, [victim]);
  await stage.line.await(1);
  await pause(stage, seconds * 250);
  const [later] = await ordererHeights(stage, [victim]);
  const heights = await ordererHeights(stage, others);
  demand(own === later, 'who is cut off made blocks by itself');
  return `meanwhile its orderer stands at ${String(later)}, the others' at ${heights.join(', ')}`;
}

async function catchesUp(stage: Stage): Promise<boolean> {
  const { organisations } = stage.layout;
  const goal = Math.max(...(await ordererHeights(stage, organisations)));
  const end = Date.now() + CATCH_UP_MS;
  while (Date.now() < end) {
    const [own = 0] = await ordererHeights(stage, [organisationOf(stage.layout, VICTIM)]);
    if (own >= goal) return true;
    await pause(stage, 1000);
  }
  return false;
}

async function level(stage: Stage, returned: number): Promise<void> {
  const victim = organisationOf(stage.layout, VICTIM);
  const { height } = await peerHead(stage, organisationOf(stage.layout, 'P44'));
  await until('the returned peer at the height of the others', async () => {
    const head = await peerHead(stage, victim).catch(() => ({ height: 0 }));
    return head.height >= height;
  });
  stage.say(`its peer is at the height of the others after ${String(Date.now() - returned)} ms`);
}
