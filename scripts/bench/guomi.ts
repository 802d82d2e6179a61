// SPDX-License-Identifier: Apache-2.0
// SM2, SM3 and SM4 beside OpenSSL, sm-crypto, sm-crypto-v2 and @noble/curves. Fails when a ratio to OpenSSL is missed:
// values move with the machine, ratios of one run do not.
import { cpus } from 'node:os';
import { byteFigures } from './parts/guomi-bytes.ts';
import { loadRows } from './parts/guomi-load.ts';
import { signatureFigures } from './parts/guomi-signatures.ts';
import { isRatioMet } from './parts/must.ts';
import type { BenchResult, BenchRow } from './main.ts';
import { measure } from './parts/figure.ts';

const GCM = 'SM4-GCM, 1 MB';

/** Runs all figures; `--browser` adds Chromium's. */
export async function bench({ args }: { readonly args: readonly string[] }): Promise<BenchResult> {
  const load = await loadRows();
  const rows = [...signatureFigures(), ...byteFigures()].map(measure);
  rows.push(...cyclesRows(rows));
  if (args.includes('--browser')) {
    const { browserRows } = await import('./guomi-browser.ts');
    rows.push(...(await browserRows()));
  }
  const missed = rows.filter((row) => !isRatioMet(row));
  const failures = missed.map(({ figure, ratio }) => `${figure}: ×${String(ratio)} of OpenSSL`);
  return { rows: [...load, ...rows], failures };
}

/** By the clock that the processor says it has; it may run faster at times. */
function cyclesRows(rows: readonly BenchRow[]): readonly BenchRow[] {
  const megahertz = cpus()[0]?.speed ?? 0;
  const gcm = rows.find(({ figure }) => figure.startsWith(GCM));
  if (gcm === undefined || megahertz === 0) return [];
  const figure = `${GCM}, cycles a byte at ${String(megahertz)} MHz`;
  const peers = Object.entries(gcm.peers).map(
    ([name, value]) => [name, megahertz / value] as const,
  );
  return [
    {
      figure,
      unit: 'cycles',
      value: megahertz / gcm.value,
      peers: Object.fromEntries(peers),
      ratio: null,
    },
  ];
}
