// SPDX-License-Identifier: Apache-2.0
// npm run bench -- <name>: runs scripts/bench/<name>.ts, which exports `bench`, and prints its figures.
// Ratios, not a pass or a failure, but for a benchmark that says itself what failed.
import { existsSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readBenchHelp } from './parts/bench-help.ts';
import { formatNumber } from './parts/format-number.ts';
import { mustText } from './parts/must.ts';
import { UsageError } from './parts/options.ts';

/** One figure; `ratio` is ours to the peer's, where there is one. */
export interface BenchRow {
  readonly figure: string;
  readonly unit: string;
  readonly value: number;
  /** The same figure of others, by name. */
  readonly peers: Readonly<Record<string, number>>;
  readonly ratio: number | null;
  /** What was asked of it. */
  readonly must?: Must;
}

/** What a figure must reach: the value itself, or its ratio. */
export interface Must {
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly ratio?: number;
}

/** What a benchmark gives. */
export interface BenchResult {
  readonly rows: readonly BenchRow[];
  /** What must not be, a line each: it goes to stderr, and the exit code is 1. */
  readonly failures?: readonly string[];
}

/** What every file of this folder but this one exports as `bench`; `args` are the options after its name. */
export type Bench = (options: { readonly args: readonly string[] }) => Promise<BenchResult>;

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2));
}

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help') {
    process.stdout.write(help());
    return name === undefined ? 2 : 0;
  }
  if (!listBenches().includes(name)) {
    process.stderr.write(`bench: no benchmark ${name}; there are: ${listBenches().join(', ')}\n`);
    return 2;
  }
  if (!rest.includes('--help')) return run(name, rest);
  process.stdout.write(readBenchHelp(name, join(FOLDER, `${name}.ts`)));
  return 0;
}

async function run(name: string, rest: readonly string[]): Promise<number> {
  const bench = await loadBench(name);
  const result = await bench({ args: rest.filter((arg) => arg !== '--json') }).catch(usageError);
  if (result instanceof UsageError) {
    process.stderr.write(`bench: ${name}: ${result.message}\n`);
    return 2;
  }
  const { rows, failures = [] } = result;
  process.stdout.write(rest.includes('--json') ? formatJson(name, rows) : formatRows(rows));
  for (const failure of failures) process.stderr.write(`bench: FAILED ${failure}\n`);
  return failures.length > 0 ? 1 : 0;
}

function usageError(error: unknown): UsageError {
  if (error instanceof UsageError) return error;
  throw error;
}

function formatJson(name: string, rows: readonly BenchRow[]): string {
  const cpu = cpus()[0]?.model ?? 'unknown';
  return `${JSON.stringify({ name, node: process.version, cpu, rows })}\n`;
}

/** Names of the benchmarks: the files of this folder but this one. */
export function listBenches(): string[] {
  const files = readdirSync(FOLDER).filter((file) => /^[a-z0-9-]+\.ts$/.test(file));
  return files.map((file) => basename(file, '.ts')).filter((name) => name !== 'main');
}

/** The rows as a table: figure, value, peers, ratio. */
export function formatRows(rows: readonly BenchRow[]): string {
  const lines = rows.map((row) => [
    row.figure,
    `${formatNumber(row.value)} ${row.unit}`,
    Object.entries(row.peers)
      .map(([peer, value]) => `${peer} ${formatNumber(value)}`)
      .join(', '),
    row.ratio === null ? '' : `×${formatNumber(row.ratio)}`,
    mustText(row),
  ]);
  const table = [['figure', 'value', 'peers', 'ratio', 'must'], ...lines];
  const widths = [0, 1, 2, 3, 4].map((i) => Math.max(...table.map((line) => line[i]?.length ?? 0)));
  return table
    .map(
      (line) =>
        `${line
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

async function loadBench(name: string): Promise<Bench> {
  const path = join(FOLDER, `${name}.ts`);
  const loaded: unknown = existsSync(path) ? await import(pathToFileURL(path).href) : undefined;
  if (!isBenchModule(loaded)) throw new TypeError(`scripts/bench/${name}.ts exports no bench`);
  return loaded.bench;
}

function isBenchModule(loaded: unknown): loaded is { bench: Bench } {
  return (
    typeof loaded === 'object' &&
    loaded !== null &&
    'bench' in loaded &&
    typeof loaded.bench === 'function'
  );
}

function help(): string {
  return `npm run bench -- <name> [--json] [options of the benchmark]

Benchmarks: ${listBenches().join(', ') || 'none yet'}

npm run bench -- <name> --help says what one measures and takes.
`;
}
