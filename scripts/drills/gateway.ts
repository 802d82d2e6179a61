// SPDX-License-Identifier: Apache-2.0
// A gateway is killed with -9 at ten random points of an import. In the end every licence that it accepted is in the chain exactly once.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DRILL_GATEWAYS } from '@zhenglian/network/fabric/network-folder';
import { runNetwork } from '../running-network.ts';
import type { RunningNetwork } from '../running-network.ts';
import { generateSamples } from '../samples.ts';
import { openFabricTour } from '../tour-ledger.ts';
import { checkElsewhere, compareWithChain } from './compare.ts';
import { BATCHES, demand } from './drill.ts';
import type { Drill, Stage } from './drill.ts';
import { openOffice } from './office.ts';
import type { ImportProgress, Office } from './office.ts';
import { steady, until } from './steady.ts';

const LICENCES = 20_000;
const KILLS = 10;
const VICTIM = 'P44';

export const GATEWAY: Drill = {
  what: 'a gateway is killed with -9 at ten random points of an import of 20,000 licences (--licences N, --kills N)',
  run: async (stage) => {
    const { layout, file, progress, issuing, line } = stage;
    const from = await steady(issuing.ledger).height();
    const count = stage.licences ?? LICENCES;
    const dataDir = mkdtempSync(join(layout.folder, DRILL_GATEWAYS));
    const startLedger = openFabricTour(layout);
    const network = await runNetwork({
      ...{ dataDir, consortium: file, progress, startLedger },
    });
    stage.signal.addEventListener('abort', () => void network.stop());
    try {
      stage.signal.throwIfAborted();
      const office = openOffice(network, VICTIM);
      const csv = generateSamples(String(Date.now()), {
        ...{ people: count, businesses: 1, drivers: count },
      }).find(({ name }) => name === 'driving.csv');
      const id = await office.import('driving', csv?.text ?? '');
      await killAgainAndAgain(stage, network, () => office.progress(id));
      await until('the end of the import', async () => isDone(await progressOf(office, id)));
      const { total, accepted, rejected } = await office.progress(id);
      stage.say(
        `${String(accepted)} of ${String(total)} accepted and anchored, ${String(rejected)} rejected`,
      );
      demand(accepted === count && total === count, 'rows of the import are missing');
      const licences = await office.licences(id);
      demand(licences.length === count, `${String(licences.length)} licences are listed`);
      stage.say(await compareWithChain(stage, { from, office, licences }));
      stage.say(await checkElsewhere(network, { from, office, licences }));
    } finally {
      await network.stop();
    }
    rmSync(dataDir, { recursive: true, force: true }); // what failed leaves its stores and logs
    await line.await(BATCHES);
  },
};

async function killAgainAndAgain(
  stage: Stage,
  network: RunningNetwork,
  progress: () => Promise<ImportProgress>,
): Promise<void> {
  const points = Array.from({ length: stage.kills ?? KILLS }, () => Math.random()).sort(
    (a, b) => a - b,
  );
  const { say } = stage;
  for (const [n, point] of points.entries()) {
    let before: ImportProgress | undefined;
    await until(
      'the next point',
      async () => {
        before = await progress().catch(() => before);
        return before !== undefined && doneShare(before) >= point;
      },
      20,
    );
    await sleep(Math.random() * 200);
    const victim = network.processes.get(VICTIM)?.process;
    if (!victim || !before) throw new Error('there is no gateway to kill');
    const ended = once(victim, 'exit');
    victim.kill('SIGKILL');
    await ended;
    await network.restart(VICTIM);
    const after = await progress();
    say(
      `kill ${String(n + 1)}: ${String(before.read)} of ${String(before.total)} rows read, ${String(before.anchored)} anchored; serving again with ${String(after.anchored)}`,
    );
    const kept = after.accepted >= before.accepted && after.anchored >= before.anchored;
    demand(
      kept,
      `told ${JSON.stringify(before)} before a kill and ${JSON.stringify(after)} after it`,
    );
  }
}

function progressOf(office: Office, id: string): Promise<ImportProgress | undefined> {
  return office.progress(id).catch(() => undefined);
}

function isDone(seen: ImportProgress | undefined): boolean {
  return seen?.state === 'done' && seen.anchored === seen.accepted;
}

function doneShare({ read, anchored, total }: ImportProgress): number {
  return (read + anchored) / (2 * total);
}
