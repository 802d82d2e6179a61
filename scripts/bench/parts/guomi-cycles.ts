// SPDX-License-Identifier: Apache-2.0
// Cycles a byte, by the clock that the processor says it has; it may run faster at times.
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { BenchRow } from '../main.ts';

/** SM4-GCM's figure in cycles; nothing where the clock is not known. */
export function cyclesRows(
  rows: readonly BenchRow[],
  megahertz: number = megahertzOf(cpus()[0]?.speed, cpuinfo()),
): readonly BenchRow[] {
  const name = 'SM4-GCM, 1 MB';
  const gcm = rows.find(({ figure }) => figure.startsWith(name));
  if (gcm === undefined || megahertz === 0) return [];
  const peers = Object.entries(gcm.peers).map(([peer, rate]) => [peer, megahertz / rate] as const);
  return [
    {
      figure: `${name}, cycles a byte at ${String(megahertz)} MHz`,
      unit: 'cycles',
      value: megahertz / gcm.value,
      peers: Object.fromEntries(peers),
      ratio: null,
    },
  ];
}

/** What Node says, else the kernel: in some virtual machines Node says 0. */
export function megahertzOf(speed = 0, kernelSays: string): number {
  const [, told = '0'] = /^cpu MHz\s*:\s*([\d.]+)/m.exec(kernelSays) ?? [];
  return speed > 0 ? speed : Math.round(Number(told));
}

function cpuinfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
}
