// SPDX-License-Identifier: Apache-2.0
// `npm run replay`: one licence's verdict as of a moment, from the trail the regulator's gateway gathers and from blocks
// read anew. The trail is checked here once more, against those blocks and not against what any gateway holds.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fromHex } from '@zhenglian/core/bytes';
import { parseWire } from '@zhenglian/core/wire';
import { replayLedger } from '@zhenglian/gateway/replica/replay';
import { gatheredTrails } from '@zhenglian/gateway/schemas/regulating';
import type { GatheredTrails } from '@zhenglian/gateway/schemas/regulating';
import { checkTrail } from '@zhenglian/gateway/trace/check-trail';
import type { TrailWitness } from '@zhenglian/gateway/trace/check-trail';
import { copyReference } from '@zhenglian/gateway/trace/trace-entry';
import type { Ledger } from '@zhenglian/network/ledger';
import { z } from 'zod';
import { readTour } from './running-network.ts';
import type { Tour } from './running-network.ts';
import { connectTour } from './tour-place.ts';

const HELP = `npm run replay -- --id LICENCE_ID --at TIME [--act ACT] [--json]

  --id     the licence's id, 32 hex digits, as the officer's desk shows it
  --at     an ISO time: 2026-06-01T09:00:00+08:00
  --act    what it was checked for (general)
  --json   one JSON object instead of words

  DATA_DIR of the running network (.data/network unless set)`;

const { values: options } = parseArgs({
  options: {
    id: { type: 'string' },
    at: { type: 'string' },
    act: { type: 'string', default: 'general' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

try {
  if (options.help) console.log(HELP);
  else await main();
} catch (error) {
  console.error(wordsOf(error));
  process.exitCode = 1;
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isAway = error.message === 'fetch failed';
  return isAway
    ? 'the network does not answer: start it with npm start, then ask again'
    : error.message;
}

async function main(): Promise<void> {
  const id = demand(options.id, /^[0-9a-f]{32}$/, '--id');
  const at = Math.floor(Date.parse(demand(options.at, /^\d{4}-\d\d-\d\dT/, '--at')) / 1000);
  if (!Number.isSafeInteger(at)) throw new Error('--at is not a time');
  const dataDir = resolve(process.env['DATA_DIR'] ?? '.data/network');
  const tour = readTour(dataDir);
  const regulator = tour.services.find(({ role }) => role === 'regulator')?.name ?? '';
  const gathered = await gather(tour, regulator, id);
  const ledger = await connectTour(dataDir, regulator);
  try {
    const replayed = await replay(ledger, tour, gathered, at);
    console.log(options.json ? JSON.stringify(replayed) : describe(replayed));
    if (replayed.trails.some(({ checked }) => checked === 'BROKEN')) process.exitCode = 2;
  } finally {
    await ledger.close();
  }
}

async function replay(
  ledger: Ledger,
  tour: Tour,
  { licence, provinces }: GatheredTrails,
  at: number,
) {
  const networkId = fromHex(tour.fingerprint);
  const { witness } = await replayLedger({ ledger, networkId, at: Number.MAX_SAFE_INTEGER });
  const past = await replayLedger({ ledger, networkId, at });
  const trails = await Promise.all(provinces.map((province) => recheck(witness, province, at)));
  const issued = provinces.find(({ trail }) => trail?.licence === licence)?.trail;
  const copies = [];
  for (const code of issued?.codes ?? []) {
    const report = await past.assess(code, options.act);
    copies.push({ copy: copyReference(parseWire(code)), report });
  }
  const [first] = copies;
  if (first === undefined)
    throw new Error('the trail holds no code of a document: nothing to verify');
  const { verdict } = first.report;
  return { licence, at, act: options.act, verdict, height: past.height, copies, trails };
}

/** A province's trail up to the moment, checked against the blocks. */
async function recheck(
  witness: TrailWitness,
  { msp, trail, problem }: GatheredTrails['provinces'][number],
  at: number,
) {
  if (trail === null) return { msp, checked: 'pending' as const, problem, entries: [] };
  const entries = trail.entries.filter((entry) => entry.at <= at);
  return { msp, checked: await checkTrail(witness, trail, msp), problem, entries };
}

type Replayed = Awaited<ReturnType<typeof replay>>;

function describe({ at, act, verdict, height, copies, trails }: Replayed): string {
  const time = (seconds: number) => new Date(seconds * 1000).toISOString();
  const checks = copies.flatMap(({ copy, report }) => [
    `copy ${copy}: ${report.verdict}`,
    ...report.checks.map(
      ({ name, outcome, reason }) => `  ${name.padEnd(10)} ${outcome} ${reason}`,
    ),
  ]);
  const entries = trails.flatMap(({ msp, checked, problem, entries: told }) => [
    `trail of ${msp}: ${checked}${problem === undefined ? '' : ` (${problem})`}`,
    ...told.map((e) => `  ${time(e.at)} ${e.kind} ${e.outcome} by ${e.actor}`),
  ]);
  const head = `${verdict} for ${act} at ${time(at)} (${String(height)} blocks)`;
  return [head, ...checks, ...entries].join('\n');
}

async function gather(tour: Tour, regulator: string, id: string): Promise<GatheredTrails> {
  const url = tour.services.find(({ name }) => name === regulator)?.url ?? '';
  const token = tour.tokens.find((t) => t.service === regulator && t.role === 'regulator')?.token;
  const response = await fetch(new URL(`/v1/trace?licence=${id}`, url), {
    headers: { Authorization: `Bearer ${token ?? ''}`, 'Purpose-Code': 'audit' },
  });
  const body: unknown = await response.json();
  if (!response.ok) {
    const { code } = z.looseObject({ code: z.string() }).parse(body);
    throw new Error(`the regulator's gateway answered ${code}`);
  }
  return gatheredTrails.parse(body);
}

function demand(value: string | undefined, pattern: RegExp, name: string): string {
  if (value === undefined || !pattern.test(value))
    throw new Error(`${name} is missing or wrong\n\n${HELP}`);
  return value;
}
