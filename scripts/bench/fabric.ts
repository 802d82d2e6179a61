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
  const alone = await anchorEpochs(desk, await prepareEpochs(desk, SMALL, SMALL * 32), 1);
  const took = alone.map((each) => each.took);
  figures.set(`a batch of ${SMALL} alone, p50`, [quantile(took, 0.5), 'ms']);
  figures.set(`a batch of ${SMALL} alone, p99`, [quantile(took, 0.99), 'ms']);
  const small = await prepareEpochs(desk, SMALL, SMALL * 32 * lanes);
  noteCommits(figures, await anchorEpochs(desk, small, lanes), SMALL);
  say(`${name}: ${String(count)} licences in batches of ${LARGE} …`);
  const large = await prepareEpochs(desk, LARGE, count);
  const before = engine.blockBytes();
  const worked = cpuSeconds(engine);
  const commits = await anchorEpochs(desk, large, lanes);
  noteCommits(figures, commits, LARGE);
  const licences = count / (cpuSeconds(engine) - worked);
  figures.set(`a second of all processors' work, ${LARGE} a batch`, [licences, 'licences']);
  figures.set('growth: cost of the last fifth to the first', [growth(commits), '×']);
  figures.set('a licence in the blocks', [(engine.blockBytes() - before) / count, 'bytes']);
  const [first] = large;
  if (!first) throw new RangeError('--count is too small');
  figures.set('a licence in the state', [(await recordBytes(desk, first)) / LARGE, 'bytes']);
  say(`${name}: revocations, questions, co-signed answers …`);
  const unrevoked = engine.blockBytes();
  const revoked = await timeRevocations(desk, first, REVOCATIONS);
  const each = (engine.blockBytes() - unrevoked) / REVOCATIONS;
  figures.set('a revocation in the blocks, alone in its own', [each, 'bytes']);
  figures.set('a revocation, p50', [quantile(revoked, 0.5), 'ms']);
  figures.set('a revocation, p99', [quantile(revoked, 0.99), 'ms']);
  const asked = await manyAtOnce(() => askRecord(desk, first), { at: 16, seconds });
  figures.set('questions to one peer', [asked.rate, '/s']);
  const cosigned = await manyAtOnce(() => askCosigned(desk, first), { at: 8, seconds });
  figures.set('answers co-signed by four', [cosigned.rate, '/s']);
  say(`${name}: a replica from the first block on …`);
  const caught = await catchUp(desk);
  const leaves = count + SMALL * 32 * (lanes + 1);
  figures.set('replica, catching up', [caught.blocks / caught.seconds, 'blocks/s']);
  figures.set('replica, catching up: leaves', [leaves / caught.seconds, 'leaves/s']);
  noteMemory(figures, engine);
  if (!engine.fabric) return;
  say(`${name}: the leader dies …`);
  const rest = await prepareEpochs(desk, SMALL, SMALL * STALL_BATCHES);
  figures.set('longest wait when the leader dies', [await stallOfLeader(engine, desk, rest), 'ms']);
}

function noteCommits(figures: Figures, commits: readonly Commit[], size: number): void {
  const began = Math.min(...commits.map(({ at, took }) => at - took));
  const ended = Math.max(...commits.map(({ at }) => at));
  const licences = commits.reduce((sum, each) => sum + each.licences, 0);
  const took = commits.map((each) => each.took);
  figures.set(`anchored, ${size} a batch`, [(licences * 1000) / (ended - began), 'licences/s']);
  figures.set(`a batch of ${size}, p50`, [quantile(took, 0.5), 'ms']);
  figures.set(`a batch of ${size}, p99`, [quantile(took, 0.99), 'ms']);
}

/** What a licence costs at the end of a long run, to what it cost at the beginning. */
function growth(commits: readonly Commit[]): number {
  const times = commits.map(({ at }) => at).sort((a, b) => a - b);
  const fifth = Math.max(1, Math.floor(times.length / 5));
  const span = (from: number, to: number) => (times[to] ?? 0) - (times[from] ?? 0);
  return span(times.length - 1 - fifth, times.length - 1) / span(0, fifth);
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
