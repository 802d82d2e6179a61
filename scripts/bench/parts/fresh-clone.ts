// SPDX-License-Identifier: Apache-2.0
// A clone of the last commit in a temporary folder, and `npm start` in it, as a newcomer's first minute.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { say } from './options.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const READY_WITHIN_MS = 10 * 60_000;
const STOPPED_WITHIN_MS = 30_000;
const POLL_MS = 25;
const KEPT_OUTPUT = 20_000;

/** A clone; `remove` deletes it. */
export interface FreshClone {
  readonly folder: string;
  readonly commit: string;
  readonly remove: () => void;
}

/** A network that `npm start` runs; `seconds` until it was ready. */
export interface StartedNetwork {
  readonly pid: number;
  readonly seconds: number;
  readonly stop: () => Promise<void>;
}

/** Clones the last commit of this checkout; what is not committed is not in it. @throws Error where git cannot */
export function cloneFresh(): FreshClone {
  const folder = mkdtempSync(join(tmpdir(), 'zhenglian-start-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    git('clone', '--quiet', '--depth', '1', `file://${ROOT}`, join(folder, 'clone'));
    const commit = git('-C', join(folder, 'clone'), 'rev-parse', '--short', 'HEAD').trim();
    return { folder, commit, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Fills npm's cache with everything the lock file names. @throws Error when that fails */
export function warmCache({ folder }: FreshClone): void {
  const how = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const cwd = join(folder, 'clone');
  const { status } = spawnSync('npm', how, { cwd, env: plainEnvironment(), stdio: [0, 2, 2] });
  if (status !== 0) throw new Error('npm ci failed: the npm cache cannot be filled');
  rmSync(join(cwd, 'node_modules'), { recursive: true, force: true });
}

/** Tells whether npm has everything in its cache that the lock file names. */
export function isCacheWarm({ folder }: FreshClone): boolean {
  const how = ['ci', '--offline', '--ignore-scripts', '--loglevel=silent'];
  const cwd = join(folder, 'clone');
  const { status } = spawnSync('npm', how, { cwd, env: plainEnvironment(), stdio: 'ignore' });
  rmSync(join(cwd, 'node_modules'), { recursive: true, force: true });
  return status === 0;
}

/** Runs `npm start`, without a network for npm, until it is ready. @throws Error with its last words when it ends before */
export async function startNetwork(clone: FreshClone, dataDir: string): Promise<StartedNetwork> {
  const started = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: join(clone.folder, 'clone'),
    env: { ...plainEnvironment(), DATA_DIR: dataDir, npm_config_offline: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a process group of its own, so that Ctrl-C is everybody's, as in a terminal
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-KEPT_OUTPUT);
      if (stream === child.stderr) sayAt(performance.now() - started, chunk.toString());
    });
  }
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`npm start ended with code ${String(code)}:\n${said}`));
    });
  });
  const polling = new AbortController();
  failed.catch(() => undefined); // after it is ready, its end is what `stop` waits for
  try {
    await Promise.race([becomeReady(dataDir, polling.signal), failed]);
  } catch (error) {
    await stopGroup(child);
    throw error;
  } finally {
    polling.abort();
  }
  const seconds = (performance.now() - started) / 1000;
  return { pid: child.pid ?? 0, seconds, stop: () => stopGroup(child) };
}

/** The tour is written when every gateway answers. */
async function becomeReady(dataDir: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!signal.aborted && !existsSync(join(dataDir, 'tour.json'))) {
    if (performance.now() > deadline) throw new Error('npm start was not ready in ten minutes');
    await sleep(POLL_MS);
  }
}

/** What it says while starting, and after how long: where the time goes. */
function sayAt(elapsed: number, text: string): void {
  for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
    say(`${(elapsed / 1000).toFixed(1).padStart(6)} s  ${line.trim()}`);
  }
}

async function stopGroup(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-pid, 'SIGINT');
  await Promise.race([ended, sleep(STOPPED_WITHIN_MS, undefined, { ref: false })]);
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The whole group has ended: nothing to kill is what is wanted.
  }
}

/** The environment without what an outer `npm run` has put there. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(config|package|lifecycle|command)|INIT_CWD$|PORT$|DATA_DIR$)/.test(name),
  );
  return Object.fromEntries(kept);
}

function git(...argv: string[]): string {
  const { status, stdout, stderr } = spawnSync('git', argv, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${argv[0] ?? ''} failed: ${stderr}`);
  return stdout;
}
