// SPDX-License-Identifier: Apache-2.0
// npm run bench -- start: `npm start` from a fresh clone of the last commit with a warm npm cache and no network for npm,
// until every gateway is ready (installing, building, founding and voting included); a new network in the same clone;
// and the memory that the network's processes hold. Linux: memory is read from /proc.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, BenchRow } from './main.ts';
import { cloneFresh, isCacheWarm, startNetwork, warmCache } from './parts/fresh-clone.ts';
import type { FreshClone, StartedNetwork } from './parts/fresh-clone.ts';
import { readOptions, say } from './parts/options.ts';
import { readProcessTree } from './parts/process-tree.ts';
import type { ProcessInfo } from './parts/process-tree.ts';

const MOST_SECONDS = 60;
const MOST_MB = 600;
const POLL_MS = 250;

/** Start and memory; `--seconds N`: how long memory is watched once ready (5). */
export const bench: Bench = async ({ args }) => {
  const { seconds } = readOptions(args, { seconds: 5, samples: 1, peers: false });
  const clone = cloneFresh();
  let running: StartedNetwork | undefined;
  // The network has a process group of its own: Ctrl-C here must reach it.
  const interrupted = () => {
    void (running?.stop() ?? Promise.resolve()).finally(() => {
      clone.remove();
      process.exit(130);
    });
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    prepareCache(clone);
    const dataDir = join(clone.folder, 'data');
    say(`npm start of commit ${clone.commit} …`);
    running = await startNetwork(clone, dataDir);
    const cold = running.seconds;
    const memory = await watchMemory(running.pid, seconds);
    await running.stop();
    say('the same again …');
    running = await startNetwork(clone, join(clone.folder, 'data-2'));
    const again = running.seconds;
    await running.stop();
    return { rows: [...rowsOfStart(cold, again), ...rowsOfMemory(memory)] };
  } finally {
    await running?.stop();
    clone.remove();
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
  }
};

function prepareCache(clone: FreshClone): void {
  say('looking whether the npm cache is warm …');
  if (isCacheWarm(clone)) return;
  say('it is not: filling it (npm ci) …');
  warmCache(clone);
}

/** The processes at the moment when they hold most. */
async function watchMemory(pid: number, seconds: number): Promise<readonly ProcessInfo[]> {
  say(`watching memory for ${seconds} s …`);
  let most: readonly ProcessInfo[] = [];
  for (let left = seconds * 1000; left > 0; left -= POLL_MS) {
    const now = readProcessTree(pid).filter(isOfNetwork);
    if (sum(now) > sum(most)) most = now;
    await sleep(Math.min(left, POLL_MS));
  }
  return most;
}

/** npm itself and the shell it runs scripts in are not the network. */
export function isOfNetwork({ command }: ProcessInfo): boolean {
  return !/^npm(\s|$)/.test(command) && !/^(\/\S+\/)?(sh|bash|dash) -c /.test(command);
}

function rowsOfStart(cold: number, again: number): BenchRow[] {
  return [
    rowOf('npm start, fresh clone, warm npm cache', 's', cold, MOST_SECONDS),
    rowOf('npm start, installed and built', 's', again),
  ];
}

function rowsOfMemory(processes: readonly ProcessInfo[]): BenchRow[] {
  if (processes.length === 0) return [];
  return [
    rowOf('memory of the embedded network', 'MB', megabytes(sum(processes)), MOST_MB),
    rowOf('the same, shared pages counted once', 'MB', megabytes(sumShares(processes)), MOST_MB),
    rowOf('its processes', '', processes.length),
    ...processes.map((each) => rowOf(`  ${nameOf(each)}`, 'MB', megabytes(each.residentBytes))),
  ];
}

function rowOf(figure: string, unit: string, value: number, limit?: number): BenchRow {
  const rounded = Number(value.toFixed(1));
  return { figure, unit, value: rounded, peers: limit === undefined ? {} : { limit }, ratio: null };
}

/** The first TypeScript file of the command line, or the program with its last words. */
function nameOf({ command }: ProcessInfo): string {
  const words = command.split(' ');
  const script =
    words.find((word) => word.endsWith('.ts')) ??
    words.find((word) => /^[^-].*\.(js|mjs|cjs)$/.test(word) && !word.startsWith('file:'));
  return (script ?? words[0] ?? '').split('/').slice(-3).join('/');
}

function sumShares(processes: readonly ProcessInfo[]): number {
  return processes.reduce((total, each) => total + each.shareBytes, 0);
}

function sum(processes: readonly ProcessInfo[]): number {
  return processes.reduce((total, each) => total + each.residentBytes, 0);
}

function megabytes(bytes: number): number {
  return bytes / 1_000_000;
}
