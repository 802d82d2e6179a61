// SPDX-License-Identifier: Apache-2.0
// A gateway is killed with -9 at ten random points of an import. In the end every licence that it accepted is in the chain exactly once:
// each document is fetched as it is printed, its leaf is computed from it, and looked for in the blocks of another organisation's peer.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { anchorArgument, voidArgument } from '@zhenglian/core/anchor';
import { toHex } from '@zhenglian/core/bytes';
import { openPresentation } from '@zhenglian/core/presentation';
import { DRIVING } from '@zhenglian/core/types/driving';
import { parseWire } from '@zhenglian/core/wire';
import { runNetwork } from '../running-network.ts';
import type { RunningNetwork } from '../running-network.ts';
import { generateSamples } from '../samples.ts';
import { openFabricTour } from '../tour-ledger.ts';
import { batchesOf, readTransactions } from './chain.ts';
import type { ChainBatch } from './chain.ts';
import { BATCHES, demand, withClient } from './drill.ts';
import type { Drill, Stage } from './drill.ts';
import { openOffice } from './office.ts';
import type { ImportProgress, Office } from './office.ts';
import { steady, until } from './steady.ts';

const LICENCES = 20_000;
const KILLS = 10;
const VICTIM = 'P44';
const AT_ONCE = 8;
const CHECKED_ELSEWHERE = 20;

export const GATEWAY: Drill = {
  what: 'a gateway is killed with -9 at ten random points of an import of 20,000 licences (--licences N, --kills N)',
  run: async (stage) => {
    const { layout, file, progress, issuing, line } = stage;
    const from = await steady(issuing.ledger).height();
    const count = stage.licences ?? LICENCES;
    const dataDir = mkdtempSync(join(layout.folder, 'drill-gateways-'));
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
      await compare(stage, { from, office, id, count });
      await checkElsewhere(stage, network, id);
    } finally {
      await network.stop();
    }
    rmSync(dataDir, { recursive: true, force: true }); // what failed leaves its stores and logs
    await line.await(BATCHES);
  },
};

interface Imported {
  readonly from: number;
  readonly office: Office;
  readonly id: string;
  readonly count: number;
}

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

/** Every document's leaf, against the leaves of the blocks. */
async function compare(stage: Stage, { from, office, id, count }: Imported): Promise<void> {
  const { layout, issuing, line, say } = stage;
  const batches = await withClient(stage, layout.organisations.at(-1)?.msp ?? '', async (reader) =>
    batchesOf(await readTransactions(reader, from)),
  );
  const own = batches.filter(({ uscc, epoch }) => uscc === issuing.uscc && epoch !== line.epoch);
  const chain = leavesOf(own);
  const licences = await office.licences(id);
  demand(new Set(licences).size === count, `${String(licences.length)} licences are listed`);
  const found = new Map<string, number>();
  const queue = [...licences];
  const worker = async () => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const wire = parseWire(await office.printed(next));
      const leaf = toHex(anchorArgument(openPresentation(wire, DRIVING).cose));
      const place = `${String(wire.epoch)}/${String(wire.index)}`;
      demand(chain.get(place) === leaf, `the licence at ${place} is not what the chain holds`);
      found.set(place, (found.get(place) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const twice = [...found.values()].filter((times) => times > 1).length;
  const unknown = chain.size - found.size;
  say(
    `${String(own.length)} batches in the chain, ${String(chain.size)} leaves; every printed document's leaf is there: lost ${String(count - found.size)}, twice ${String(twice)}, of nobody ${String(unknown)}`,
  );
  demand(found.size === count && twice + unknown === 0, 'not every licence is there exactly once');
}

/** Leaves by epoch and index, without those of abandoned indexes. @throws Error for an index that is there twice */
function leavesOf(batches: readonly ChainBatch[]): Map<string, string> {
  const abandoned = toHex(voidArgument());
  const leaves = new Map<string, string>();
  for (const { epoch, first, leaves: own } of batches) {
    for (const [i, bytes] of own.entries()) {
      const place = `${String(epoch)}/${String(first + i)}`;
      demand(!leaves.has(place), `index ${place} was anchored twice`);
      if (toHex(bytes) !== abandoned) leaves.set(place, toHex(bytes));
    }
  }
  return leaves;
}

async function checkElsewhere({ say }: Stage, network: RunningNetwork, id: string): Promise<void> {
  const office = openOffice(network, VICTIM);
  const away = openOffice(network, 'P33');
  const licences = (await office.licences(id)).slice(0, CHECKED_ELSEWHERE);
  const verdicts: string[] = [];
  for (const licence of licences) verdicts.push(await away.verdict(await office.printed(licence)));
  say(
    `in another province ${String(verdicts.filter((v) => v === 'VALID').length)} of ${String(verdicts.length)} are VALID`,
  );
  demand(
    verdicts.every((verdict) => verdict === 'VALID'),
    `verdicts: ${verdicts.join(', ')}`,
  );
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
