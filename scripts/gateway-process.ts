// SPDX-License-Identifier: Apache-2.0
// Runs one gateway as a child process, keeps its log, and waits until it is ready to work.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ChildProcess } from 'node:child_process';
import { programArguments } from '@zhenglian/network/own-program';

/** A gateway that serves; `url` without a slash at its end. */
export interface GatewayProcess {
  readonly url: string;
  readonly process: ChildProcess;
  /** Ends it in good order; by force after ten seconds. */
  stop(): Promise<void>;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MAIN = fileURLToPath(new URL('../gateway/src/main.ts', import.meta.url));
const READY_MS = 180_000;
const STOP_MS = 10_000;
const WORDS = { ended: 'ended at once', silent: 'did not serve within three minutes' } as const;

/** Starts a gateway with these settings (gateway/src/config.ts); its log is appended to `logFile`. `command`: arguments for Node. Throws in its own words. */
export async function startGateway(
  settings: Readonly<Record<string, string>>,
  logFile: string,
  command: readonly string[] = programArguments(MAIN),
): Promise<GatewayProcess> {
  // No token or key travels in the environment: settings name files.
  // With a self-made certificate the gateways must believe each other's.
  const trusted =
    settings['TLS_CERT'] === undefined ? {} : { NODE_EXTRA_CA_CERTS: settings['TLS_CERT'] };
  const env = { PATH: process.env['PATH'], ATTACHED: '1', ...trusted, ...settings };
  // The pipe to its input stays open: it ends with us, however we end.
  const stdio = ['pipe', 'pipe', 'pipe'] as const;
  const child = spawn(process.execPath, command, {
    env,
    stdio: [...stdio],
    cwd: ROOT,
  });
  const exited = once(child, 'exit');
  const stop = () => end(child, exited);
  try {
    const port = await portOf(child, exited, logFile);
    const url = `${settings['TLS_CERT'] === undefined ? 'http' : 'https'}://localhost:${String(port)}`;
    return { url, process: child, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits until `/readyz` says yes. `fetchReady` asks it once, so that a caller can trust its own certificate. */
export async function waitUntilReady(fetchReady: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    if (await fetchReady().catch(() => false)) return;
    await sleep(100);
  }
  throw new Error('a gateway did not become ready within three minutes: see its log');
}

/** The port line is the only one without a level; all others are log lines. */
async function portOf(
  child: ChildProcess,
  exited: Promise<unknown>,
  logFile: string,
): Promise<number> {
  if (!child.stdout || !child.stderr) throw new TypeError('the child has pipes');
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  let complaint = '';
  child.stderr.on('data', (part: Buffer) => {
    complaint = (complaint + part.toString()).slice(-4096);
    log.write(part);
  });
  const found = new Promise<number>((resolve) => {
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const port = /^\{"port":(\d+)\}$/.exec(line)?.[1];
      if (port === undefined) log.write(`${line}\n`);
      else resolve(Number(port));
    });
  });
  const late = new AbortController();
  const outcome = await Promise.race([
    found,
    exited.then(() => 'ended' as const),
    sleep(READY_MS, 'silent' as const, { signal: late.signal }),
  ]);
  late.abort();
  if (typeof outcome === 'number') return outcome;
  throw new Error(complaint.trim() || `a gateway ${WORDS[outcome]}: see its log`);
}

async function end(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(killer);
}
