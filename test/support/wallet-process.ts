// SPDX-License-Identifier: Apache-2.0
// The wallet as a process of its own, as a holder starts it; and within this process, for tests that run it often.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programArguments } from '../../network/own-program.ts';
import { run } from '@zhenglian/wallet-cli/run';
import type { Surroundings } from '@zhenglian/wallet-cli/run';
import type { Terminal } from '@zhenglian/wallet-cli/terminal';

const MAIN = fileURLToPath(new URL('../../wallet-cli/src/main.ts', import.meta.url));
/** As the package installs it. */
export const INSTALLED = [
  fileURLToPath(new URL('../../wallet-cli/bin/zhenglian-wallet.mjs', import.meta.url)),
];
export const PASSPHRASE = 'correct horse battery';

/** How a run ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the program. `environment` is all it gets besides PATH. */
export function runProgram(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = { ZHENGLIAN_PASSPHRASE: PASSPHRASE },
  program: readonly string[] = programArguments(MAIN),
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'] ?? '', LANG: 'en_GB.UTF-8', ...environment };
    const child = spawn(process.execPath, [...program, ...argv], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const texts = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (texts.out += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (texts.err += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...texts }));
  });
}

/** What may differ from a wallet nobody sits at. */
export interface HereOptions {
  /** Answers of the person at the terminal, in order; without it nobody is there. */
  readonly answers?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly clock?: () => number;
  readonly colours?: boolean;
  readonly sleep?: (seconds: number) => Promise<unknown>;
}

/** Runs the same command line in this process. */
export async function runHere(argv: readonly string[], options: HereOptions = {}): Promise<Ended> {
  const texts = { out: '', err: '' };
  const answers = [...(options.answers ?? [])];
  const answer = (question: string) => {
    texts.err += question;
    return Promise.resolve(answers.shift() ?? '');
  };
  const terminal: Terminal = {
    interactive: options.answers !== undefined,
    colours: options.colours ?? false,
    out: (text) => void (texts.out += text),
    err: (text) => void (texts.err += text),
    ask: answer,
    askSecret: answer,
  };
  const surroundings: Surroundings = {
    terminal,
    environment: options.environment ?? { ZHENGLIAN_PASSPHRASE: PASSPHRASE },
    home: '/nowhere',
    clock: options.clock ?? (() => Math.floor(Date.now() / 1000)),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    sleep: options.sleep ?? (() => Promise.resolve()),
  };
  const code = await run(argv, surroundings);
  return { code, ...texts };
}

/** The one line of JSON of a run. */
export function jsonOf(ended: Ended): Record<string, unknown> {
  if (!/^[^\n]*\n$/.test(ended.out)) throw new Error(`not one line: ${ended.out} ${ended.err}`);
  return JSON.parse(ended.out) as Record<string, unknown>;
}

/** The code of a refused run, after checking its exit code. */
export function refusalOf(ended: Ended): string {
  const { error } = jsonOf(ended) as { error?: { code: string } };
  if (error === undefined) return 'nothing was refused';
  const expected = error.code === 'USAGE' ? 2 : 1;
  if (ended.code !== expected) throw new Error(`${error.code} ended with ${String(ended.code)}`);
  return error.code;
}

/** A folder for one test's wallet and files. */
export async function makeFolder(): Promise<{ dir: string; drop: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'zhenglian-wallet-'));
  return { dir, drop: () => rm(dir, { recursive: true, force: true }) };
}
