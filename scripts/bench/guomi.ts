// SPDX-License-Identifier: Apache-2.0
// SM2, SM3 and SM4 beside OpenSSL, sm-crypto, sm-crypto-v2 and @noble/curves. Fails when a ratio to OpenSSL is missed or
// memory exceeded: rates and times move with the machine, these do not.
import { byteFigures } from './parts/guomi-bytes.ts';
import { cyclesRows } from './parts/guomi-cycles.ts';
import { loadRows } from './parts/guomi-load.ts';
import { signatureFigures } from './parts/guomi-signatures.ts';
import { failuresOf } from './parts/must.ts';
import type { BenchResult } from './main.ts';
import { measure } from './parts/figure.ts';

/** Runs all figures; `--browser` adds Chromium's. */
export async function bench({ args }: { readonly args: readonly string[] }): Promise<BenchResult> {
  const load = await loadRows();
  const rows = [...signatureFigures(), ...byteFigures()].map(measure);
  rows.push(...cyclesRows(rows));
  if (args.includes('--browser')) {
    const { browserRows } = await import('./guomi-browser.ts');
    rows.push(...(await browserRows()));
  }
  const all = [...load, ...rows];
  return { rows: all, failures: failuresOf(all) };
}
