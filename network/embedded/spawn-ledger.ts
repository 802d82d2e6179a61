// SPDX-License-Identifier: Apache-2.0
// Runs the ledger as a child process and waits for its first line: where it serves, or why it does not.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { execPath } from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CodedError } from '@zhenglian/core/errors';
import { programArguments } from '../own-program.ts';
import type { ChildProcess } from 'node:child_process';
import type { ErrorCode, StartErrorCode } from '@zhenglian/core/errors';
import type { BundlePaths } from '../bundles.ts';
import type { NetworkDefinition } from '../definition.ts';

/** What to run. */
export interface SpawnOptions {
  readonly dataDir: string;
  readonly definition: NetworkDefinition;
  readonly bundles: BundlePaths;
  readonly port?: number;
}

/** A ledger process that serves. */
export interface SpawnedLedger {
  readonly url: string;
  readonly process: ChildProcess;
  /** Ends it in good order; by force after ten seconds. */
  stop(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const STOP_MS = 10_000;
const START_CODES: readonly (StartErrorCode | 'BLOCK_INVALID')[] = [
  'DATA_DIR_LOCKED',
  'DATA_DIR_UNWRITABLE',
  'PORT_IN_USE',
  'BLOCK_INVALID',
];

/** Starts the process. @throws DATA_DIR_LOCKED, DATA_DIR_UNWRITABLE, PORT_IN_USE, BLOCK_INVALID, START_FAILED */
export async function spawnLedger(options: SpawnOptions): Promise<SpawnedLedger> {
  const child = spawn(execPath, ledgerCommand(options), { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (part: Buffer) => {
    complaint = (complaint + part.toString()).slice(-4096);
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([
    once(lines, 'line').then(([line]) => String(line)),
    exited.then(() => ''),
  ]);
  const url = servesAt(first);
  if (url !== undefined) return { url, process: child, stop: () => stop(child, exited) };
  await exited;
  throw startError(first, complaint);
}

/** Arguments for Node that run the ledger process. */
export function ledgerCommand(options: SpawnOptions): string[] {
  const { dataDir, definition, bundles, port } = options;
  const settings = {
    'data-dir': dataDir,
    definition: JSON.stringify(definition),
    consortium: bundles.consortium,
    organisation: bundles.organisation,
    port: String(port ?? 0),
  };
  const given = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  // Attached: it ends with its parent, however that ends.
  return [...programArguments(MAIN), '--attached', ...given];
}

async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = new AbortController();
  const forced = sleep(STOP_MS, undefined, { signal: timer.signal }).then(
    () => child.kill('SIGKILL'),
    () => false,
  );
  await Promise.race([exited, forced]);
  timer.abort();
  await exited;
}

function servesAt(line: string): string | undefined {
  const value = parse(line);
  return typeof value['url'] === 'string' ? value['url'] : undefined;
}

function startError(line: string, complaint: string): CodedError {
  const { code, message } = parse(line);
  const known = START_CODES.find((one) => one === code);
  const text = typeof message === 'string' ? message.replace(/^[A-Z_]+: /, '') : complaint;
  return new CodedError<ErrorCode>(known ?? 'START_FAILED', text || 'the ledger process ended');
}

function parse(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
