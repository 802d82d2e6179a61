// SPDX-License-Identifier: Apache-2.0
// What it costs to have guomi: a fresh process loads the bundled package and makes its engine, several times over. Time
// from the import to an engine that has passed its self-test; in other processes, the memory by which they grew, garbage
// collected: a flag of V8's would make Node compile its own modules anew and count that as ours.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { z } from 'zod';
import type { BenchRow, Must } from '../main.ts';
import { median } from './quantiles.ts';

const RUNS = 9;
const loadShape = z.object({
  engine: z.string(),
  cryptoMs: z.number(),
  importMs: z.number(),
  engineMs: z.number(),
});
const memoryShape = z.object({ heapBytes: z.number(), externalBytes: z.number() });

const LOAD = `
await import('./first.mjs'); // what Node's own loader takes is not ours
const began = performance.now();
const { engine } = await import('./guomi.mjs');
const imported = performance.now();
const name = engine.name;
const made = performance.now();
crypto.getRandomValues(new Uint8Array(1));
const drawn = performance.now();
console.log(JSON.stringify({
  engine: name, cryptoMs: drawn - made, importMs: imported - began, engineMs: made - imported,
}));
`;

const MEMORY = `
const memory = () => { gc(); return process.memoryUsage(); };
const before = memory();
const { engine } = await import('./guomi.mjs');
if (engine.name === '') throw new Error('no engine');
const after = memory();
console.log(JSON.stringify({
  heapBytes: after.heapUsed - before.heapUsed, externalBytes: after.external - before.external,
}));
`;

/** Load time and memory of the package, medians of fresh processes. */
export async function loadRows(): Promise<readonly BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'zhenglian-bench-'));
  try {
    await bundle(join(folder, 'guomi.mjs'));
    writeFileSync(join(folder, 'first.mjs'), '');
    writeFileSync(join(folder, 'load.mjs'), LOAD);
    writeFileSync(join(folder, 'memory.mjs'), MEMORY);
    const runs = several(folder, ['load.mjs']).map((run) => loadShape.parse(run));
    const grown = several(folder, ['--expose-gc', 'memory.mjs']).map((run) =>
      memoryShape.parse(run),
    );
    const name = runs[0]?.engine ?? '';
    return [
      row(
        `load ${name}, self-test included`,
        'ms',
        median(runs.map((run) => run.importMs + run.engineMs)),
        {
          atMost: 30,
        },
      ),
      row('of which reading the package', 'ms', median(runs.map(({ importMs }) => importMs))),
      row(
        "later, Node's own Web Crypto when something random is first needed",
        'ms',
        median(runs.map(({ cryptoMs }) => cryptoMs)),
      ),
      row(
        'memory at rest',
        'MB',
        median(grown.map(({ heapBytes, externalBytes }) => heapBytes + externalBytes)) / 2 ** 20,
        { atMost: 4 },
      ),
      row(
        'of which memory of the modules',
        'MB',
        median(grown.map(({ externalBytes }) => externalBytes)) / 2 ** 20,
      ),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a program prints, in fresh processes one after the other. */
function several(folder: string, argv: readonly string[]): readonly unknown[] {
  return Array.from({ length: RUNS }, (): unknown =>
    JSON.parse(execFileSync(process.execPath, argv, { cwd: folder, encoding: 'utf8' })),
  );
}

async function bundle(outfile: string): Promise<void> {
  const entry = fileURLToPath(new URL('../../../guomi/src/index.ts', import.meta.url));
  await build({ entryPoints: [entry], outfile, bundle: true, format: 'esm', minify: true });
}

function row(figure: string, unit: string, value: number, must?: Must): BenchRow {
  return { figure, unit, value, peers: {}, ratio: null, ...(must === undefined ? {} : { must }) };
}
