// SPDX-License-Identifier: Apache-2.0
// What it costs to have guomi: a fresh process loads the bundled package and makes its engine, several times over. Time
// from the import to an engine that has passed its self-test; memory by which the process grew, garbage collected.
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
  importMs: z.number(),
  engineMs: z.number(),
  heapBytes: z.number(),
  externalBytes: z.number(),
});

const PROGRAM = `
await import('./first.mjs'); // what Node's own loader takes is not ours
const memory = () => { gc(); return process.memoryUsage(); };
const before = memory();
const began = performance.now();
const { engine } = await import('./guomi.mjs');
const imported = performance.now();
const name = engine.name;
const made = performance.now();
const after = memory();
console.log(JSON.stringify({
  engine: name, importMs: imported - began, engineMs: made - imported,
  heapBytes: after.heapUsed - before.heapUsed, externalBytes: after.external - before.external,
}));
`;

/** Load time and memory of the package, medians of fresh processes. */
export async function loadRows(): Promise<readonly BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'zhenglian-bench-'));
  try {
    await bundle(join(folder, 'guomi.mjs'));
    writeFileSync(join(folder, 'first.mjs'), '');
    writeFileSync(join(folder, 'load.mjs'), PROGRAM);
    const runs = Array.from({ length: RUNS }, () =>
      loadShape.parse(
        JSON.parse(
          execFileSync(process.execPath, ['--expose-gc', 'load.mjs'], {
            cwd: folder,
            encoding: 'utf8',
          }),
        ),
      ),
    );
    const middle = (pick: (run: z.infer<typeof loadShape>) => number) => median(runs.map(pick));
    const name = runs[0]?.engine ?? '';
    return [
      row(
        `load ${name}, self-test included`,
        'ms',
        middle((run) => run.importMs + run.engineMs),
        {
          atMost: 30,
        },
      ),
      row(
        'of which reading the package',
        'ms',
        middle(({ importMs }) => importMs),
      ),
      row(
        'memory at rest',
        'MB',
        middle(({ heapBytes, externalBytes }) => heapBytes + externalBytes) / 2 ** 20,
        { atMost: 4 },
      ),
      row(
        'of which memory of the modules',
        'MB',
        middle(({ externalBytes }) => externalBytes) / 2 ** 20,
      ),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function bundle(outfile: string): Promise<void> {
  const entry = fileURLToPath(new URL('../../../guomi/src/index.ts', import.meta.url));
  await build({ entryPoints: [entry], outfile, bundle: true, format: 'esm', minify: true });
}

function row(figure: string, unit: string, value: number, must?: Must): BenchRow {
  return { figure, unit, value, peers: {}, ratio: null, ...(must === undefined ? {} : { must }) };
}
