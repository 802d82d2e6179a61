// SPDX-License-Identifier: Apache-2.0
// Where scripts/build.mjs puts the programs that run as processes. The npm commands build them anew when sources changed.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { RunOptions } from './running-network.ts';

/** The built programs, or nothing where they have not been built: then sources run through tsx. */
export function builtPrograms(): Pick<RunOptions, 'programs'> {
  const place = (name: string) =>
    fileURLToPath(new URL(`../.build/apps/${name}.mjs`, import.meta.url));
  const programs = { ledger: place('ledger'), gateway: place('gateway') };
  return Object.values(programs).every((file) => existsSync(file)) ? { programs } : {};
}
