// SPDX-License-Identifier: Apache-2.0
// Drills that kill processes, as a power cut would, and start them again.
import { hostName } from '@zhenglian/network/fabric/chaincode-hosts';
import { KEEPER } from '@zhenglian/network/fabric/chaincode-keeper';
import { readVersions } from '@zhenglian/network/fabric/chaincode-versions';
import { bringUp } from '@zhenglian/network/fabric/network';
import { killProcess, listProcesses, processState } from '@zhenglian/network/fabric/processes';
import { startOrderer } from '@zhenglian/network/fabric/start-nodes';
import { findLeader } from '@zhenglian/network/fabric/status';
import { BATCHES, demand } from './drill.ts';
import type { Drill, Stage } from './drill.ts';
import { ordererHeights } from './heads.ts';
import { batchCall, drillLeaves, openEpoch, registerKey } from './issuer.ts';
import { pause, steady, until } from './steady.ts';
import { openSteps } from './steps.ts';

const DOWN_SECONDS = 10;
const QUIET_LOOKS = 5;
/** Calls that a host is killed in, and the leaves of each: work for a second or more. */
const CALLS = 24;
const LEAVES = 2000;

export const ORDERER: Drill = {
  what: 'an orderer that does not lead is killed and comes back',
  hasDesk: true,
  aimMs: 8000,
  run: async (stage) => {
    await killFor(stage, [`orderer-${await followerOf(stage)}`]);
  },
};

export const LEADER: Drill = {
  what: 'the leading orderer is killed during load and comes back',
  hasDesk: true,
  aimMs: 8000,
  run: async (stage) => {
    const leader = await leaderOf(stage);
    stage.say(`${leader} leads`);
    await killFor(stage, [`orderer-${leader}`]);
    const next = await leaderOf(stage);
    demand(next !== leader, `${leader} leads still, though it was away`);
    stage.say(`${next} leads now`);
  },
};

export const TWO_ORDERERS: Drill = {
  what: 'two orderers of four are killed: no progress and no damage, progress when one returns',
  hasDesk: true,
  run: async (stage) => {
    const { layout, line, say, programs } = stage;
    const victims = layout.organisations.slice(-2);
    const living = layout.organisations.slice(0, -2);
    for (const { msp } of victims) await killProcess(layout, `orderer-${msp}`);
    const before = await settledHeights(stage, living);
    await pause(stage, secondsOf(stage) * 1000);
    const after = await ordererHeights(stage, living);
    say(
      `heights of the living: ${before.join(', ')}, ${String(secondsOf(stage))} s later ${after.join(', ')}`,
    );
    demand(after.join() === before.join(), 'blocks were made without a quorum');
    const [back, away] = victims;
    demand(back !== undefined && away !== undefined, 'there are no two orderers to kill');
    const returned = Date.now();
    startOrderer(programs, layout, back);
    await line.await(1);
    say(
      `orderer-${back.msp} alone came back: first batch ${String(Date.now() - returned)} ms after its start`,
    );
    await line.await(BATCHES);
    demand(
      processState(layout, `orderer-${away.msp}`)?.alive === false,
      `orderer-${away.msp} runs: not one of two came back`,
    );
    say(`${String(BATCHES)} batches later orderer-${away.msp} is still down`);
    await bringUp(stage);
    await line.await(BATCHES);
  },
};

export const HOST: Drill = {
  what: 'a chaincode host is killed in its work; its keeper starts it again',
  hasDesk: true,
  aimMs: 15_000,
  run: async (stage) => {
    const { layout, line, say, issuing } = stage;
    const { msp } = issuing.ledger;
    const host = hostName(msp, 'organisation', readVersions(layout).serving.organisation);
    const killed = await killInCalls(stage, host);
    await line.await(BATCHES);
    say(`${String(BATCHES)} batches ${String(Date.now() - killed)} ms after the kill`);
  },
};

export const ALL: Drill = {
  what: 'every process is killed at once and started again',
  hasDesk: true,
  run: async (stage) => {
    const names = listProcesses(stage.layout).map(({ name }) => name);
    // The keeper first, or it would start hosts while we kill them.
    await killProcess(stage.layout, KEEPER);
    const began = Date.now();
    const rest = names.filter((name) => name !== KEEPER);
    await Promise.all(rest.map((name) => killProcess(stage.layout, name)));
    const started = Date.now();
    stage.say(
      `${String(names.length)} processes killed, the keeper and then ${String(rest.length)} at once; all had ended after ${String(started - began)} ms`,
    );
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

/** Kills a host while calls are in it: it works on one after the other, so when the first of many is answered the others are there. */
async function killInCalls({ layout, issuing, say }: Stage, host: string): Promise<number> {
  const { msp } = issuing.ledger;
  const parts = { ...issuing, ledger: steady(issuing.ledger) };
  const [key, epoch] = [await registerKey(parts), await openEpoch(parts)];
  const call = batchCall(issuing, key, { epoch, n: 0, first: 0 }, drillLeaves(epoch, 0, LEAVES));
  const steps = openSteps(layout, msp);
  try {
    const ended: string[] = [];
    const calls = Array.from({ length: CALLS }, async () => {
      const word = await steps.ask(msp, steps.propose(call)).then(
        ({ status }) => (status < 400 ? 'answered' : 'broken'),
        () => 'broken',
      );
      ended.push(word);
    });
    await Promise.race(calls);
    const before = ended.length;
    await killProcess(layout, host);
    const killed = Date.now();
    await Promise.all(calls);
    const broken = ended.filter((word) => word === 'broken').length;
    say(
      `${host} killed with ${String(CALLS - before)} of ${String(CALLS)} calls in flight: ${String(broken)} of them broke off, told after ${String(Date.now() - killed)} ms`,
    );
    demand(broken > 0, 'no call was in the host when it was killed');
    return killed;
  } finally {
    steps.close();
  }
}

async function leaderOf({ layout }: Stage): Promise<string> {
  let leader: string | undefined;
  await until('a leader', async () => (leader = await findLeader(layout)) !== undefined);
  return leader ?? '';
}

/** Kills processes, lets the line go on without them, and brings them up again. */
export async function killFor(stage: Stage, names: readonly string[]): Promise<void> {
  const { layout, line } = stage;
  for (const name of names) await killProcess(layout, name);
  const end = Date.now() + secondsOf(stage) * 1000;
  await line.await(BATCHES);
  await pause(stage, end - Date.now());
  await bringUp(stage);
  await line.await(BATCHES);
}

/** How long nodes stay down. */
export function secondsOf({ seconds }: Stage): number {
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
