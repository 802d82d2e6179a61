// SPDX-License-Identifier: Apache-2.0
// The disk of one orderer is full: it runs under a limit on the size of its files, which its ledger soon meets. Then it gets room again.
import { readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bringUp } from '@zhenglian/network/fabric/network';
import { organisationOf } from '@zhenglian/network/fabric/members';
import { ordererSettings } from '@zhenglian/network/fabric/node-settings';
import { processState, startProcess, stopProcess } from '@zhenglian/network/fabric/processes';
import { BATCHES } from './drill.ts';
import type { Drill, Stage } from './drill.ts';
import { ordererHeights } from './heads.ts';
import { followerOf } from './nodes.ts';
import { until } from './steady.ts';

/** What `ulimit -f` counts in. */
const UNIT_BYTES = 512;
const ROOM_BYTES = 128 << 10;
const BEHIND = 20;

export const FULL_DISK: Drill = {
  what: 'the disk of one orderer is full (a limit on the size of its files), and has room again',
  hasDesk: true,
  aimMs: 8000,
  run: async (stage) => {
    const { layout, line, say } = stage;
    const msp = await followerOf(stage);
    const name = `orderer-${msp}`;
    const limit = await startLimited(stage, msp);
    say(`${name} may write files of ${String(limit)} bytes`);
    const others = layout.organisations.filter((each) => each.msp !== msp);
    const own = organisationOf(layout, msp);
    let height: number | undefined;
    await until('an orderer that cannot write', async () => {
      const highest = Math.max(...(await ordererHeights(stage, others)));
      height = (await ordererHeights(stage, [own]).catch(() => []))[0] ?? height;
      return !isAlive(stage, name) || (height !== undefined && highest - height > BEHIND);
    });
    say(
      isAlive(stage, name) ? `it runs, and is behind at ${String(height)}` : 'it ended by itself',
    );
    say(`its last words: ${lastWords(join(layout.logsFolder, `${name}.log`))}`);
    await line.await(BATCHES);
    await stopProcess(layout, name);
    await bringUp(stage);
    await line.await(BATCHES);
  },
};

function isAlive({ layout }: Stage, name: string): boolean {
  return processState(layout, name)?.alive === true;
}

/** The line of a log that names the trouble. */
function lastWords(log: string): string {
  const lines = readFileSync(log, 'utf8').split('\n');
  return lines.findLast((line) => /file (too large|size)|panic:|SIGXFSZ/i.test(line)) ?? 'none';
}

/** Starts the orderer again under the limit; its log begins anew, since a log is a file too. Returns the limit. */
async function startLimited({ layout, programs }: Stage, msp: string): Promise<number> {
  const name = `orderer-${msp}`;
  const organisation = organisationOf(layout, msp);
  await stopProcess(layout, name);
  const log = join(layout.logsFolder, `${name}.log`);
  rmSync(`${log}.before`, { force: true });
  renameSync(log, `${log}.before`);
  const units = Math.ceil(
    (largestFile(organisation.folders.ordererData) + ROOM_BYTES) / UNIT_BYTES,
  );
  startProcess(layout, {
    name,
    program: '/bin/sh',
    args: ['-c', `ulimit -f ${String(units)} && exec "$0"`, programs.paths.orderer],
    env: ordererSettings(programs, organisation),
    standsIn: true, // `up` ends it, also after a drill that was cut off
  });
  return units * UNIT_BYTES;
}

function largestFile(folder: string): number {
  const sizes = readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? largestFile(path) : statSync(path).size;
  });
  return Math.max(0, ...sizes);
}
