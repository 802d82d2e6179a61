// SPDX-License-Identifier: Apache-2.0
// Drills on a running network of real Fabric nodes: something is broken while licences are anchored; nothing accepted may be lost,
// and at the end all organisations hold the same chain.
import { setTimeout as sleep } from 'node:timers/promises';
import { connectFabric } from '@zhenglian/gateway/fabric-ledger';
import { ensureFounded } from '@zhenglian/network/embedded/found';
import { readFounders, readMember } from '@zhenglian/network/fabric/members';
import { bringUp } from '@zhenglian/network/fabric/network';
import { killProcess, listProcesses } from '@zhenglian/network/fabric/processes';
import { findLeader, readStatus } from '@zhenglian/network/fabric/status';
import type { UpOptions } from '@zhenglian/network/fabric/network';
import type { Ledger } from '@zhenglian/network/ledger';
import { accredit, FOUNDING_TYPES } from './accredit.ts';
import type { ConsortiumFile } from './consortium.ts';
import { DrillLine } from './fabric-line.ts';
import type { LineResult } from './fabric-line.ts';

/** What a drill showed. */
export interface DrillReport extends LineResult {
  readonly drill: string;
  readonly passed: boolean;
  readonly seconds: number;
  /** All peers and orderers have one height at the end. */
  readonly headsAgree: boolean;
  readonly said: readonly string[];
}

interface Drill {
  readonly what: string;
  /** Milliseconds that batches may wait while it is broken. */
  readonly mayStall: number;
  readonly run: (stage: Stage) => Promise<void>;
}

interface Stage extends UpOptions {
  readonly line: DrillLine;
  readonly say: (line: string) => void;
}

const BATCHES = 10;
const DOWN_MS = 10_000;
const AGREE_MS = 30_000;

/** All drills by name. */
export const DRILLS: Readonly<Record<string, Drill>> = {
  orderer: {
    what: 'an orderer that does not lead is killed and comes back',
    mayStall: 8000,
    run: async (stage) => {
      const leader = await findLeader(stage.layout);
      const other = stage.layout.organisations.find(({ msp }) => msp !== leader)?.msp ?? '';
      await killFor(stage, [`orderer-${other}`]);
    },
  },
  leader: {
    what: 'the leading orderer is killed during load and comes back',
    mayStall: 12_000,
    run: async (stage) => {
      const leader = (await findLeader(stage.layout)) ?? '';
      stage.say(`${leader} leads`);
      await killFor(stage, [`orderer-${leader}`]);
      stage.say(`${(await findLeader(stage.layout)) ?? 'nobody'} leads now`);
    },
  },
  'two-orderers': {
    what: 'two orderers of four are killed: no progress and no damage, progress when one returns',
    mayStall: 60_000,
    run: async (stage) => {
      const { layout, line, say } = stage;
      const victims = layout.organisations.slice(-2).map(({ msp }) => `orderer-${msp}`);
      for (const victim of victims) await killProcess(layout, victim);
      await sleep(1000); // what was under way may still end
      const before = line.accepted;
      await sleep(DOWN_MS);
      say(`${String(line.accepted - before)} batches while two were down`);
      if (line.accepted > before) throw new Error('batches were accepted without a quorum');
      await bringUp(stage);
      await line.await(BATCHES);
    },
  },
  peer: {
    what: 'the peer of a co-endorsing organisation is killed and comes back',
    mayStall: 12_000,
    run: (stage) => killFor(stage, ['peer-P33']),
  },
  host: {
    what: 'a chaincode host is killed in its work; its keeper starts it again',
    mayStall: 15_000,
    run: async ({ layout, line, say }) => {
      await killProcess(layout, 'host-P44-province');
      const killed = Date.now();
      await line.await(BATCHES);
      say(`${String(BATCHES)} batches ${String(Date.now() - killed)} ms after the kill`);
    },
  },
  all: {
    what: 'every process is killed at once and started again',
    mayStall: 60_000,
    run: async (stage) => {
      const names = listProcesses(stage.layout).map(({ name }) => name);
      // The keeper first, or it would start hosts while we kill them.
      const order = [
        ...names.filter((n) => n === 'keeper'),
        ...names.filter((n) => n !== 'keeper'),
      ];
      for (const name of order) await killProcess(stage.layout, name);
      stage.say(`${String(names.length)} processes killed`);
      const started = Date.now();
      await bringUp(stage);
      stage.say(`up again in ${String(Date.now() - started)} ms`);
      await stage.line.await(BATCHES);
    },
  },
};

/** Runs a drill on a network; brings up what does not run before and after. */
export async function runDrill(
  name: string,
  options: UpOptions,
  file: ConsortiumFile,
): Promise<DrillReport> {
  const drill = Object.hasOwn(DRILLS, name) ? DRILLS[name] : undefined;
  if (!drill) throw new Error(`drills are: ${Object.keys(DRILLS).join(', ')}`);
  await bringUp(options);
  const started = Date.now();
  const said: string[] = [];
  const say = (line: string) => {
    said.push(line);
    options.progress(line);
  };
  const ledger = await connectFabric(readMember(options.layout, 'P44'));
  try {
    const line = await startLine(ledger, options, file);
    await line.await(BATCHES);
    await drill.run({ ...options, line, say });
    await bringUp(options);
    await line.await(1);
    const result = await line.end();
    const headsAgree = await awaitAgreement(options);
    const passed =
      headsAgree && result.lost + result.strange === 0 && result.longestGapMs <= drill.mayStall;
    const seconds = (Date.now() - started) / 1000;
    return { drill: name, passed, seconds, headsAgree, ...result, said };
  } finally {
    await ledger.close();
  }
}

async function killFor(
  { layout, programs, bundles, progress, line }: Stage,
  names: readonly string[],
) {
  for (const name of names) await killProcess(layout, name);
  const end = Date.now() + DOWN_MS;
  await line.await(BATCHES);
  await sleep(Math.max(0, end - Date.now()));
  await bringUp({ layout, programs, bundles, progress });
  await line.await(BATCHES);
}

/** Founds and accredits what is missing, and starts to anchor for Guangdong. */
async function startLine(
  ledger: Ledger,
  { layout }: UpOptions,
  file: ConsortiumFile,
): Promise<DrillLine> {
  const voters = await Promise.all(
    layout.organisations.map(({ msp }) => connectFabric(readMember(layout, msp, 'administrator'))),
  );
  try {
    const [first] = voters;
    if (!first) throw new Error('nobody votes');
    const networkId = await ensureFounded(first, layout.definition, readFounders(layout));
    await accredit(file, FOUNDING_TYPES, voters);
    const authority = file.authorities.find((each) => each.msp === ledger.msp);
    const [type] = authority?.types ?? [];
    if (!authority || type === undefined) throw new Error('no authority to anchor for');
    return await DrillLine.start({ ledger, networkId, uscc: authority.uscc, type });
  } finally {
    await Promise.all(voters.map((voter) => voter.close()));
  }
}

/** Waits until all nodes have one height. */
async function awaitAgreement({ programs, layout }: UpOptions): Promise<boolean> {
  const end = Date.now() + AGREE_MS;
  while (Date.now() < end) {
    const { organisations } = await readStatus(programs, layout);
    const heights = organisations.flatMap(({ peerHeight, ordererHeight }) => [
      peerHeight ?? -1,
      ordererHeight ?? -1,
    ]);
    if (Math.min(...heights) >= 0 && Math.max(...heights) - Math.min(...heights) === 0) return true;
    await sleep(300);
  }
  return false;
}
