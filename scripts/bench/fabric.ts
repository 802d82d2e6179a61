// SPDX-License-Identifier: Apache-2.0
// npm run bench -- fabric: four organisations on real Fabric nodes and on the embedded ledger, side by side: licences anchored a second (endorsed by two,
// leaves prepared beforehand), beside a contract that takes one licence a transaction; latencies, reads, catching up, bytes, memory, a leader's death.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BUNDLES } from '@zhenglian/network/bundles';
import { findPrograms } from '@zhenglian/network/fabric/programs';
import type { Bench } from './main.ts';
import { anchorEpochs, openDesk, prepareEpochs } from './parts/anchor-load.ts';
import type { AnchorDesk, Commit } from './parts/anchor-load.ts';
import { startFabric, startOneProcess } from './parts/ledger-engines.ts';
import type { LedgerEngine } from './parts/ledger-engines.ts';
import {
  askCosigned,
  askRecord,
  catchUp,
  issueOne,
  manyAtOnce,
  recordBytes,
  stallOfLeader,
  timeRevocations,
} from './parts/ledger-rates.ts';
import { say } from './parts/options.ts';
import { readCpuSeconds, readProcessTree } from './parts/process-tree.ts';
import { quantile } from './parts/quantiles.ts';
import { ONE_A_TRANSACTION, sideBySide } from './parts/side-by-side.ts';
import type { Figures } from './parts/side-by-side.ts';

interface Options {
  readonly seconds: number;
  readonly count: number;
  readonly lanes: number;
  readonly peers: boolean;
}

const SMALL = 2000;
const LARGE = 10_000;
const REVOCATIONS = 100;
const STALL_BATCHES = 60;
/** Batches of a probe: what a licence costs on a small network, and again on a large one. */
const PROBE = 32;
const FIRST = 10_000;
const ONE_LICENCE = fileURLToPath(new URL('peers/one-licence-contract.cjs', import.meta.url));

/** Both engines; `--count N` licences for growth (1000000), `--lanes N` epochs side by side (6), `--seconds N` a rate (5), `--no-peers`. */
export const bench: Bench = async ({ args }) => {
  const options = readOptions(args);
  const { PATH = '', FABRIC_BIN: bin, FABRIC_CFG_PATH: config } = process.env;
  const programs = await findPrograms({
    path: PATH,
    ...(bin === undefined ? {} : { bin }),
    ...(config === undefined ? {} : { config }),
  });
  const naive = { consortium: ONE_LICENCE, organisation: ONE_LICENCE };
  const fabric = await onEngine(() => startFabric(programs, BUNDLES), measure);
  const embedded = await onEngine(() => startOneProcess(BUNDLES), measure);
  if (options.peers) {
    await onEngine(() => startFabric(programs, naive), one(fabric));
    await onEngine(() => startOneProcess(naive), one(embedded));
  }
  return { rows: sideBySide(fabric, embedded) };

  async function measure(engine: LedgerEngine): Promise<Figures> {
    const figures: Figures = new Map([['up', [engine.upSeconds, 's']]]);
    const desk = await openDesk(engine);
    try {
      await measureDesk(engine, desk, options, figures);
    } finally {
      await desk.ledger.close();
    }
    return figures;
  }

  function one(figures: Figures) {
    return async (engine: LedgerEngine) => {
      say(`${engine.name}: one licence a transaction …`);
      const ledger = await engine.connect('P44');
      const { seconds } = options;
      const { rate } = await manyAtOnce((n) => issueOne(ledger, n), { at: 32, seconds });
      figures.set(ONE_A_TRANSACTION, [rate, 'licences/s']);
      await ledger.close();
    };
  }
};

async function measureDesk(
  engine: LedgerEngine,
  desk: AnchorDesk,
  { seconds, count, lanes }: Options,
  figures: Figures,
): Promise<void> {
  const { name } = engine;
  say(`${name}: batches of ${SMALL} …`);
  await anchorEpochs(desk, await prepareEpochs(desk, SMALL, FIRST), 1);
  const young = await probe(engine, desk);
  noteTimes(figures, `a batch of ${SMALL} alone`, young.took);
  const small = await prepareEpochs(desk, SMALL, SMALL * PROBE * lanes);
  noteCommits(figures, await anchorEpochs(desk, small, lanes), SMALL, 14_000);
  say(`${name}: ${String(count)} licences in batches of ${LARGE} …`);
  const large = await prepareEpochs(desk, LARGE, count);
  const before = engine.blockBytes();
  const worked = cpuSeconds(engine);
  const commits = await anchorEpochs(desk, large, lanes);
  noteCommits(figures, commits, LARGE, 20_000);
  const licences = count / (cpuSeconds(engine) - worked);
  figures.set(`a second of all processors' work, ${LARGE} a batch`, [licences, 'licences']);
  const blockBytes = (engine.blockBytes() - before) / count;
  figures.set('a licence in the blocks', [blockBytes, 'bytes', { atMost: 40 }]);
  const [first] = large;
  if (!first) throw new RangeError('--count is too small');
  const stateBytes = (await recordBytes(desk, first)) / LARGE;
  figures.set('a licence in the state', [stateBytes, 'bytes', { atMost: 1 }]);
  const anchored = FIRST + SMALL * PROBE * (lanes + 1) + count;
  noteGrowth(figures, anchored, young, await probe(engine, desk));
  say(`${name}: revocations, questions, co-signed answers …`);
  const unrevoked = engine.blockBytes();
  const revoked = await timeRevocations(desk, first, REVOCATIONS);
  const each = (engine.blockBytes() - unrevoked) / REVOCATIONS;
  figures.set('a revocation in the blocks, alone in its own', [each, 'bytes']);
  noteTimes(figures, 'a revocation', revoked);
  const asked = await manyAtOnce(() => askRecord(desk, first), { at: 16, seconds });
  figures.set('questions to one peer', [asked.rate, '/s']);
  const cosigned = await manyAtOnce(() => askCosigned(desk, first), { at: 8, seconds });
  figures.set('answers co-signed by four', [cosigned.rate, '/s']);
  say(`${name}: a replica from the first block on …`);
  const caught = await catchUp(desk);
  const leaves = anchored + SMALL * PROBE;
  figures.set('replica, catching up', [caught.blocks / caught.seconds, 'blocks/s']);
  figures.set('replica, catching up: leaves', [leaves / caught.seconds, 'leaves/s']);
  noteMemory(figures, engine);
  if (!engine.fabric) return;
  say(`${name}: the leader dies …`);
  const rest = await prepareEpochs(desk, SMALL, SMALL * STALL_BATCHES);
  const stall = await stallOfLeader(engine, desk, rest);
  figures.set('longest wait when the leader dies', [stall, 'ms', { atMost: 8000 }]);
}

interface Probe {
  readonly took: readonly number[];
  /** Seconds of processor a licence. */
  readonly worked: number;
}

/** Small batches one after the other. */
async function probe(engine: LedgerEngine, desk: AnchorDesk): Promise<Probe> {
  const batches = await prepareEpochs(desk, SMALL, SMALL * PROBE);
  const before = cpuSeconds(engine);
  const commits = await anchorEpochs(desk, batches, 1);
  const worked = (cpuSeconds(engine) - before) / (SMALL * PROBE);
  return { took: commits.map(({ took }) => took), worked };
}

/** The same batches on a network of so many licences, to those on a fresh one. */
function noteGrowth(figures: Figures, anchored: number, young: Probe, old: Probe): void {
  const span = `${String(FIRST)} to ${String(anchored)} licences`;
  const time = quantile(old.took, 0.5) / quantile(young.took, 0.5);
  figures.set(`growth from ${span}: time of a licence`, [time, '×', { atMost: 1.2 }]);
  const work = old.worked / young.worked;
  figures.set(`growth from ${span}: processor of a licence`, [work, '×', { atMost: 1.2 }]);
}

function noteCommits(
  figures: Figures,
  commits: readonly Commit[],
  size: number,
  atLeast: number,
): void {
  const began = Math.min(...commits.map(({ at, took }) => at - took));
  const ended = Math.max(...commits.map(({ at }) => at));
  const licences = commits.reduce((sum, each) => sum + each.licences, 0);
  const rate = (licences * 1000) / (ended - began);
  figures.set(`anchored, ${size} a batch`, [rate, 'licences/s', { atLeast }]);
  const took = commits.map((each) => each.took);
  noteTimes(figures, `a batch of ${size}, side by side`, took);
}

/** Two quantiles, and of how many they are. */
function noteTimes(figures: Figures, what: string, took: readonly number[]): void {
  for (const [name, share] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    figures.set(`${what}, ${name} of ${String(took.length)}`, [quantile(took, share), 'ms']);
  }
}

/** Of all nodes and this client: what a rate is bounded by, whatever else the machine does. */
function cpuSeconds(engine: LedgerEngine): number {
  const pids = [process.pid, ...engine.processes().map(({ pid }) => pid)];
  return pids.reduce((sum, pid) => sum + readCpuSeconds(pid), 0);
}

function noteMemory(figures: Figures, engine: LedgerEngine): void {
  const held = engine.processes().flatMap(({ name, pid }) => {
    const [process] = readProcessTree(pid);
    return process ? [[name, process.residentBytes / 1_000_000] as const] : [];
  });
  figures.set('memory of all its processes', [held.reduce((sum, [, mb]) => sum + mb, 0), 'MB']);
  if (!engine.fabric) return;
  for (const [name, mb] of held) figures.set(`  ${name}`, [mb, 'MB']);
}

async function onEngine<T>(
  start: () => Promise<LedgerEngine>,
  work: (engine: LedgerEngine) => Promise<T>,
): Promise<T> {
  const engine = await start();
  const interrupted = () => void engine.stop().finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupted);
  try {
    return await work(engine);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupted);
    await engine.stop();
  }
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '5' },
      count: { type: 'string', default: '1000000' },
      lanes: { type: 'string', default: '6' },
      'no-peers': { type: 'boolean', default: false },
    },
  });
  const number = (name: 'seconds' | 'count' | 'lanes', least: number, most: number) => {
    const value = Number(values[name]);
    if (value >= least && value <= most) return value;
    throw new RangeError(`--${name} is a number from ${String(least)} to ${String(most)}`);
  };
  return {
    seconds: number('seconds', 1, 600),
    count: number('count', LARGE, 10_000_000),
    lanes: number('lanes', 1, 32),
    peers: !values['no-peers'],
  };
}
