// SPDX-License-Identifier: Apache-2.0
// Plain processes by name: started apart from this one, found again by the pid that is written down, ended for certain.
import { spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { kill } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from '@zhenglian/core/errors';
import { pause } from './interruption.ts';
import { birthOf, lives, parseBirth } from './process-birth.ts';
import type { Layout } from './layout.ts';
import type { Birth } from './process-birth.ts';
import type { Environment } from './programs.ts';

/** What to run. */
export interface ProcessCommand {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Environment;
  /** A program and arguments that run it in its own place, in another network namespace for one; it must become the process. */
  readonly through?: readonly string[];
  /** It stands in the place of the real process of this name, or beside it, while a drill lasts: `endStandIns` ends it. */
  readonly standsIn?: boolean;
}

/** A process that was started, and whether it lives. */
export interface ProcessState {
  readonly name: string;
  readonly pid: number;
  readonly alive: boolean;
  readonly standsIn: boolean;
}

const WAIT_MS = 60_000;
const STOP_MS = 10_000;
const PORT_MS = 3000;
const STEP_MS = 50;
/** Linux's own range for the near end of connections begins here (ip_local_port_range). */
const GIVEN_FROM = 32_768;

/** Starts a process unless the one of this name lives. Returns its pid. */
export function startProcess(layout: Layout, command: ProcessCommand): number {
  const { name, env, through = [] } = command;
  const [program = '', ...args] = [...through, command.program, ...command.args];
  const known = processState(layout, name);
  if (known?.alive) return known.pid;
  mkdirSync(layout.logsFolder, { recursive: true });
  mkdirSync(layout.processesFolder, { recursive: true });
  const log = openSync(join(layout.logsFolder, `${name}.log`), 'a', 0o600);
  const child = spawn(program, args, { env, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.on('error', () => undefined); // waiting for it tells
  child.unref();
  const { pid } = child;
  if (pid === undefined) throw new CodedError('START_FAILED', `${program} cannot be run`);
  const standsIn = command.standsIn === true || through.length > 0;
  const birth: Birth = { pid, born: birthOf(pid), standsIn };
  writeFileSync(pidFile(layout, name), JSON.stringify(birth));
  return pid;
}

/** The process of this name as it was started last. */
export function processState(layout: Layout, name: string): ProcessState | undefined {
  const birth = readPid(layout, name);
  return birth && { name, pid: birth.pid, alive: lives(birth), standsIn: birth.standsIn };
}

/** Ends what a drill left that was killed: only real processes remain. Returns their names. */
export async function endStandIns(layout: Layout): Promise<string[]> {
  const names = listProcesses(layout).flatMap(({ name, standsIn }) => (standsIn ? [name] : []));
  await Promise.all(names.map((name) => stopProcess(layout, name)));
  return names;
}

/** All processes of a network that were started and not ended by `stopProcess`. */
export function listProcesses(layout: Layout): ProcessState[] {
  let files: string[];
  try {
    files = readdirSync(layout.processesFolder);
  } catch {
    return [];
  }
  return files.sort().flatMap((file) => processState(layout, file.replace(/\.json$/, '')) ?? []);
}

/** Ends a process: by SIGTERM, after ten seconds by force. */
export async function stopProcess(layout: Layout, name: string): Promise<void> {
  const state = processState(layout, name);
  if (state?.alive) {
    signal(state.pid, 'SIGTERM');
    const end = Date.now() + STOP_MS;
    while (processState(layout, name)?.alive && Date.now() < end) await sleep(STEP_MS);
    if (processState(layout, name)?.alive) signal(state.pid, 'SIGKILL');
    while (processState(layout, name)?.alive) await sleep(STEP_MS);
  }
  rmSync(pidFile(layout, name), { force: true });
}

/** Ends a process at once, as a power cut would; it stays in the list. */
export async function killProcess(layout: Layout, name: string): Promise<void> {
  const birth = readPid(layout, name);
  const state = processState(layout, name);
  if (!state?.alive) throw new CodedError('START_FAILED', `${name} does not run`);
  signal(state.pid, 'SIGKILL');
  // By number, not by name: somebody may start it again at once.
  while (birth && lives(birth)) await sleep(STEP_MS);
}

/** Waits until a node's health endpoint says that it is well. @throws START_FAILED with the end of its log */
export async function awaitHealth(layout: Layout, name: string, port: number): Promise<void> {
  await awaitProcess(layout, name, async () => {
    const response = await fetch(`http://127.0.0.1:${String(port)}/healthz`, {
      signal: AbortSignal.timeout(2000),
    });
    await response.body?.cancel();
    return response.ok;
  });
}

/** Waits until a process takes connections. @throws START_FAILED with the end of its log */
export async function awaitPort(layout: Layout, name: string, port: number): Promise<void> {
  await awaitProcess(layout, name, () => isListening(port));
}

/** Names a port that somebody else holds; one of a process that is just dying is waited for. @throws PORT_IN_USE */
export async function requireFreePorts(ports: readonly number[]): Promise<void> {
  const end = Date.now() + PORT_MS;
  for (const port of ports) {
    while (!(await isFree(port))) {
      if (Date.now() > end) throw new CodedError('PORT_IN_USE', inUse(port));
      await sleep(STEP_MS);
    }
  }
}

/** Any connection of anybody may hold a port of the range that the system gives to connections. */
function inUse(port: number): string {
  const hint = `; ports from ${String(GIVEN_FROM)} on are given to connections: begin lower`;
  return `port ${String(port)} is in use${port >= GIVEN_FROM ? hint : ''}`;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

async function awaitProcess(
  layout: Layout,
  name: string,
  isReady: () => Promise<boolean>,
): Promise<void> {
  const end = Date.now() + WAIT_MS;
  while (Date.now() < end) {
    const ready = await isReady().catch(() => false);
    // It lives after it was seen ready: else a stranger answers at its port.
    if (!processState(layout, name)?.alive) break;
    if (ready) return;
    await pause(layout, STEP_MS);
  }
  const log = join(layout.logsFolder, `${name}.log`);
  throw new CodedError('START_FAILED', `${name} does not serve: ${lastWords(log)} (${log})`);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

function lastWords(log: string): string {
  try {
    const text = readFileSync(log, 'utf8').slice(-4000);
    const lines = text.split('\n').filter((line) => /panic|fatal|error|_[A-Z]+:/i.test(line));
    return lines.at(-1)?.slice(0, 400) ?? 'its log says no reason';
  } catch {
    return 'it wrote no log';
  }
}

function pidFile(layout: Layout, name: string): string {
  return join(layout.processesFolder, `${name}.json`);
}

function readPid(layout: Layout, name: string): Birth | undefined {
  try {
    return parseBirth(readFileSync(pidFile(layout, name), 'utf8'));
  } catch {
    return undefined; // none was started, or its file was cut off: whoever holds its ports is told by them
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    kill(pid, name);
  } catch {
    // It ended by itself meanwhile.
  }
}
