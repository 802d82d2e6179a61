// SPDX-License-Identifier: Apache-2.0
// The setting of the tests of kills: at which point of a licence's life the process dies (docs/issuance.md).
import { FAULT_POINTS } from '../fault-points.ts';
import type { FaultPointName } from '../fault-points.ts';
import { demand, parseWhole } from './reading.ts';
import type { Environment, Read } from './reading.ts';

/** Where, and the how manieth time it comes there. */
export interface FaultConfig {
  readonly name: FaultPointName;
  readonly times: number;
}

/** What the setting means. */
export const FAULT_SETTINGS = {
  FAULT_POINT: `for tests: name[:times], dies there the n-th time; one of ${FAULT_POINTS.join(', ')} (none)`,
} as const;

/** Reads it; undefined where no process is to die, or where it is wrong, which is noted. */
export function readFault(
  env: Environment,
  read: Read<keyof typeof FAULT_SETTINGS>,
): FaultConfig | undefined {
  return env['FAULT_POINT'] === undefined ? undefined : read('FAULT_POINT', parseFault);
}

function parseFault(text: string): FaultConfig {
  const [wanted, times = '1'] = demand(text, /^[a-z-]+(:\d+)?$/).split(':');
  const name = FAULT_POINTS.find((each) => each === wanted);
  if (name === undefined) throw new RangeError('no such point');
  return { name, times: parseWhole(1, 1_000_000)(times) };
}
