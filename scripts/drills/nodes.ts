// SPDX-License-Identifier: Apache-2.0
// Drills that kill processes, as a power cut would, and start them again.
import { setTimeout as sleep } from 'node:timers/promises';
import { KEEPER } from '@zhenglian/network/fabric/chaincode-keeper';
import { bringUp } from '@zhenglian/network/fabric/network';
import { killProcess, listProcesses } from '@zhenglian/network/fabric/processes';
import { findLeader } from '@zhenglian/network/fabric/status';
import { BATCHES, demand } from './drill.ts';
import type { Drill, Stage } from './drill.ts';
import { ordererHeights } from './heads.ts';
import { until } from './steady.ts';

const DOWN_SECONDS = 10;
const QUIET_LOOKS = 5;

export const ORDERER: Drill = {
  what: 'an orderer that does not lead is killed and comes back',
  aimMs: 8000,
  run: async (stage) => {
    await killFor(stage, [`orderer-${await followerOf(stage)}`]);
  },
};

export const LEADER: Drill = {
  what: 'the leading orderer is killed during load and comes back',
  aimMs: 8000,
  run: async (stage) => {
    const leader = await leaderOf(stage);
    stage.say(`${leader} leads`);
    await killFor(stage, [`orderer-${leader}`]);
    stage.say(`${await leaderOf(stage)} leads now`);
  },
};

export const TWO_ORDERERS: Drill = {
  what: 'two orderers of four are killed: no progress and no damage, progress when one returns',
  run: async (stage) => {
    const { layout, line, say } = stage;
    const victims = layout.organisations.slice(-2);
    const living = layout.organisations.slice(0, -2);
    for (const { msp } of victims) await killProcess(layout, `orderer-${msp}`);
    const before = await settledHeights(stage, living);
    await sleep(secondsOf(stage) * 1000);
    const after = await ordererHeights(stage, living);
    say(
      `heights of the living: ${before.join(', ')}, ${String(secondsOf(stage))} s later ${after.join(', ')}`,
    );
    demand(after.join() === before.join(), 'blocks were made without a quorum');
    const returned = Date.now();
    await bringUp(stage);
    await line.await(1);
    say(`first batch ${String(Date.now() - returned)} ms after their return began`);
    await line.await(BATCHES);
  },
};

export const PEER: Drill = {
  what: 'the peer of a co-endorsing organisation is killed and comes back',
  aimMs: 8000,
  run: (stage) => killFor(stage, ['peer-P33']),
};

export const HOST: Drill = {
  what: 'a chaincode host is killed in its work; its keeper starts it again',
  aimMs: 15_000,
  run: async ({ layout, line, say }) => {
    await killProcess(layout, 'host-P44-province');
    const killed = Date.now();
    await line.await(BATCHES);
    say(`${String(BATCHES)} batches ${String(Date.now() - killed)} ms after the kill`);
  },
};

export const ALL: Drill = {
  what: 'every process is killed at once and started again',
  run: async (stage) => {
    const names = listProcesses(stage.layout).map(({ name }) => name);
    // The keeper first, or it would start hosts while we kill them.
    const order = [...names.filter((n) => n === KEEPER), ...names.filter((n) => n !== KEEPER)];
    for (const name of order) await killProcess(stage.layout, name);
    stage.say(`${String(names.length)} processes killed`);
    const started = Date.now();
    await bringUp(stage);
    stage.say(`up again in ${String(Date.now() - started)} ms`);
    await stage.line.await(BATCHES);
  },
};

/** MSP of an orderer that does not lead, and not of the line's own organisation. */
export async function followerOf(stage: Stage): Promise<string> {
  const leader = await leaderOf(stage);
  const follower = stage.layout.organisations.findLast(
    ({ msp }) => msp !== leader && msp !== stage.issuing.ledger.msp,
  );
  return follower?.msp ?? '';
}

async function leaderOf({ layout }: Stage): Promise<string> {
  let leader: string | undefined;
  await until('a leader', async () => (leader = await findLeader(layout)) !== undefined);
  return leader ?? '';
}

async function killFor(stage: Stage, names: readonly string[]): Promise<void> {
  const { layout, line } = stage;
  for (const name of names) await killProcess(layout, name);
  const end = Date.now() + secondsOf(stage) * 1000;
  await line.await(BATCHES);
  await sleep(Math.max(0, end - Date.now()));
  await bringUp(stage);
  await line.await(BATCHES);
}

function secondsOf({ seconds }: Stage): number {
  return seconds ?? DOWN_SECONDS;
}

/** Heights once what was under way has ended: the same at several looks. */
async function settledHeights(
  stage: Stage,
  organisations: Stage['layout']['organisations'],
): Promise<number[]> {
  let heights: number[] = [];
  let quiet = 0;
  await until(
    'orderers without a quorum that stand still',
    async () => {
      const now = await ordererHeights(stage, organisations);
      quiet = now.join() === heights.join() ? quiet + 1 : 0;
      heights = now;
      return quiet >= QUIET_LOOKS;
    },
    1000,
  );
  return heights;
}
