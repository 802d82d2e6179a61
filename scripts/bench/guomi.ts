// SPDX-License-Identifier: Apache-2.0
// SM2, SM3 and SM4 beside OpenSSL, sm-crypto, sm-crypto-v2 and @noble/curves.
import { engine } from '../../guomi/src/index.ts';
import { AREA, HEAP } from '../../guomi/src/wasm/layout.ts';
import { byteFigures } from './guomi-bytes.ts';
import { signatureFigures } from './guomi-signatures.ts';
import type { BenchResult, BenchRow } from './main.ts';
import { measure } from './parts/figure.ts';

/** Runs all figures; `--browser` adds Chromium's. */
export async function bench({ args }: { readonly args: readonly string[] }): Promise<BenchResult> {
  const load = loadFigures();
  const rows = [...signatureFigures(), ...byteFigures()].map(measure);
  if (args.includes('--browser')) {
    const { browserRows } = await import('./guomi-browser.ts');
    rows.push(...(await browserRows()));
  }
  return { rows: [...load, ...rows] };
}

function loadFigures(): BenchRow[] {
  const started = performance.now();
  engine.use();
  const spent = performance.now() - started;
  const row = (figure: string, unit: string, value: number): BenchRow => ({
    figure,
    unit,
    value,
    peers: {},
    ratio: null,
  });
  return [
    row(`load ${engine.name}, self-test included`, 'ms', spent),
    row('memory of the module at rest', 'MB', (Math.ceil(HEAP / 65536) + 1) / 16),
    row('of which tables of G', 'MB', (AREA.records - AREA.baseTable) / 2 ** 20),
  ];
}
