// SPDX-License-Identifier: Apache-2.0
// npm run bench -- verify: `POST /v1/verifications` of a real gateway process on a real ledger, loaded from a process of
// its own, one presentation a request and 100, beside an empty Express and zod route in the same run, in turns.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createDemoClient } from '../demo-client.ts';
import { firstFreePort } from '../free-ports.ts';
import { runNetwork } from '../running-network.ts';
import type { RunningNetwork } from '../running-network.ts';
import { DRIVING_HEADER, encodeCsv, generateDrivers } from '../samples.ts';
import { engineOf } from '../tour-engine.ts';
import type { Bench, BenchRow, Must } from './main.ts';
import { drawProfile, profiledGateway, profileMoment } from './parts/flame-graph.ts';
import { say } from './parts/options.ts';
import { median } from './parts/quantiles.ts';
import { sendLoad, startEmptyRoute } from './parts/spawn-load.ts';
import type { LoadOrder } from './peers/http-load.ts';

const MSP = 'P44';
const ROUNDS = 3;
const CONNECTIONS = 8;
/** With a rate the load sends a second's requests as fast as they are answered, so many at once; counters come one by one. */
const AT_ONCE = 4;
const SHOWN = 200;
const A_REQUEST = 100;
/** Requests until code is compiled: by number, since a busy machine does few in a time. */
const WARM_UP = 4000;
const EMPTY = 'empty Express + zod route';
const MUST = { ratio: 0.7, p99: 15, batched: 15_000 } as const;

/** `--ledger embedded|fabric`, `--count N` licences issued before, `--seconds N` a measurement, `--profile FILE.svg`. */
export const bench: Bench = async ({ args }) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ledger: { type: 'string', default: 'embedded' },
      count: { type: 'string', default: '2000' },
      seconds: { type: 'string', default: '8' },
      profile: { type: 'string' },
    },
  });
  const [count, seconds] = [Number(values.count), Number(values.seconds)];
  const dataDir = mkdtempSync(join(tmpdir(), 'zhenglian-bench-verify-'));
  const engine = await engineOf(values.ledger, process.env, firstFreePort);
  const gateway = values.profile === undefined ? {} : { gateway: profiledGateway(dataDir) };
  const span = { from: 0, until: 0 };
  const network = await runNetwork({ dataDir, progress: say, ...engine, ...gateway });
  const empty = await startEmptyRoute();
  try {
    const texts = await issueAndPrint(network, count);
    const one = texts.map((text) => bodyOf([text]));
    const many = [bodyOf(texts.slice(0, A_REQUEST)), bodyOf(texts.slice(A_REQUEST))];
    const ours = orderTo(network, one, seconds);
    const theirs = { ...ours, url: `${empty.url}/v1/verifications` };
    say('warming up …');
    for (const order of [ours, theirs]) await sendLoad({ ...order, amount: WARM_UP });
    span.from = profileMoment();
    const rates = await inTurns([ours, theirs]);
    span.until = profileMoment();
    const [rate, emptyRate] = rates.map(median) as [number, number];
    say('at half the rate …');
    const half = await sendLoad({ ...ours, connections: AT_ONCE, rate: Math.floor(rate / 2) });
    say('100 a request …');
    const [batches] = await inTurns([{ ...ours, bodies: many, connections: 4 }]);
    return {
      rows: [
        {
          ...row('verifications, one a request', '/s', rate, { ratio: MUST.ratio }),
          peers: { [EMPTY]: emptyRate },
          ratio: rate / emptyRate,
        },
        row('the same at half that rate, p50', 'ms', half.p50),
        row('the same at half that rate, p99', 'ms', half.p99, { atMost: MUST.p99 }),
        row('verifications, 100 a request', 'licences/s', A_REQUEST * median(batches ?? []), {
          atLeast: MUST.batched,
        }),
      ],
    };
  } finally {
    await empty.stop();
    const pid = network.processes.get(MSP)?.process.pid ?? 0;
    await network.stop();
    if (values.profile !== undefined) drawProfile(dataDir, pid, span, values.profile);
    rmSync(dataDir, { recursive: true, force: true });
  }
};

/** Anchored licences, and the printed codes of some of them. */
async function issueAndPrint(network: RunningNetwork, count: number): Promise<string[]> {
  const client = createDemoClient(urlOf(network), tokenOf(network, 'officer'));
  const drivers = generateDrivers('bench-verify', Math.max(count, SHOWN));
  say(`issuing ${String(drivers.length)} licences …`);
  const job = await client.importCsv('driving', encodeCsv(DRIVING_HEADER, drivers));
  if (job.anchored < drivers.length) throw new Error('the licences were not anchored in time');
  const texts: string[] = [];
  for (const { licenceNo = '' } of drivers.slice(0, SHOWN)) {
    texts.push(await client.printedCode(await client.find('driving', licenceNo), 'full'));
  }
  return texts;
}

function orderTo(network: RunningNetwork, bodies: readonly string[], seconds: number): LoadOrder {
  return {
    url: `${urlOf(network)}/v1/verifications`,
    headers: {
      authorization: `Bearer ${tokenOf(network, 'clerk')}`,
      'content-type': 'application/json',
      'purpose-code': 'counter-service',
    },
    bodies,
    connections: CONNECTIONS,
    seconds,
  };
}

/** Rates of each order, in turns over the rounds, so that what else the machine does falls on all alike. */
async function inTurns(orders: readonly LoadOrder[]): Promise<number[][]> {
  const rates: number[][] = orders.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [i, order] of orders.entries()) {
      rates[i]?.push((await sendLoad(order)).perSecond);
    }
    say(
      `round ${String(round + 1)} of ${String(ROUNDS)}: ${rates.map((r) => Math.round(r.at(-1) ?? 0)).join(', ')}`,
    );
  }
  return rates;
}

function bodyOf(presentations: readonly string[]): string {
  return JSON.stringify({ presentations, act: 'general' });
}

function urlOf({ processes }: RunningNetwork): string {
  return (processes.get(MSP)?.url ?? '').replace('localhost', '127.0.0.1');
}

function tokenOf({ tour }: RunningNetwork, role: string): string {
  return tour.tokens.find((t) => t.service === MSP && t.role === role)?.token ?? '';
}

function row(figure: string, unit: string, value: number, must?: Must): BenchRow {
  const rounded = Number(value.toPrecision(4));
  return { figure, unit, value: rounded, peers: {}, ratio: null, ...(must && { must }) };
}
