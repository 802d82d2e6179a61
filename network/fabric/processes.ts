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
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { kill } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from '@zhenglian/core/errors';
import type { Layout } from './layout.ts';
import type { Environment } from './programs.ts';

/** What to run. */
export interface ProcessCommand {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Environment;
  /** A program and arguments that run it in its own place, in another network namespace for one; it must become the process. */
  readonly through?: readonly string[];
}

/** A process that was started, and whether it lives. */
export interface ProcessState {
  readonly name: string;
  readonly pid: number;
  readonly alive: boolean;
}

const WAIT_MS = 60_000;
const STOP_MS = 10_000;
const PORT_MS = 3000;
const STEP_MS = 50;

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
  writeFileSync(pidFile(layout, name), JSON.stringify({ pid, born: birthOf(pid) }));
  return pid;
}

/** The process of this name as it was started last. */
export function processState(layout: Layout, name: string): ProcessState | undefined {
  const { pid, born } = readPid(layout, name) ?? {};
  // The system gives numbers of dead processes away again: the time of birth tells them apart.
  return pid === undefined
    ? undefined
    : { name, pid, alive: isAlive(pid) && birthOf(pid) === born };
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
  const state = processState(layout, name);
  if (!state?.alive) throw new CodedError('START_FAILED', `${name} does not run`);
  signal(state.pid, 'SIGKILL');
  const { born } = readPid(layout, name) ?? {};
  // By number, not by name: somebody may start it again at once.
  while (isAlive(state.pid) && birthOf(state.pid) === born) await sleep(STEP_MS);
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
      if (Date.now() > end) throw new CodedError('PORT_IN_USE', `port ${String(port)} is in use`);
      await sleep(STEP_MS);
    }
  }
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
    if (await isReady().catch(() => false)) return;
    if (!processState(layout, name)?.alive) break;
    await sleep(STEP_MS);
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

function readPid(layout: Layout, name: string): { pid: number; born: string } | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(pidFile(layout, name), 'utf8'));
    return value as { pid: number; born: string };
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    kill(pid, name);
  } catch {
    // It ended by itself meanwhile.
  }
}

/** When a process began, as the system tells it; a zombie has ended. */
function birthOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // The first thread may have ended while others still hold the data's lock: on a busy machine for a second or two.
    const hasEnded = fields[0] === 'Z' && Number(fields[17]) <= 1;
    return hasEnded ? 'ended' : (fields[19] ?? '');
  } catch {
    return statSync('/proc', { throwIfNoEntry: false }) ? 'ended' : '';
  }
}
