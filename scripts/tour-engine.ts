// SPDX-License-Identifier: Apache-2.0
// The engine under a tour as a command line names it: `--ledger embedded | fabric`.
import { CodedError } from '@zhenglian/core/errors';
import { findPrograms } from '@zhenglian/network/fabric/programs';
import type { RunOptions } from './running-network.ts';
import { startFabricTour } from './tour-ledger.ts';

/** Options for `runNetwork`; Fabric's own programs are looked for only when they are wanted. @throws START_FAILED when they are missing, and for a name or port that is none */
export async function engineOf(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
  freePort?: () => Promise<number>,
): Promise<Pick<RunOptions, 'startLedger'>> {
  if (name === 'embedded') return {};
  if (name !== 'fabric') throw failed('--ledger is embedded or fabric');
  const { PATH = '', FABRIC_BIN: bin, FABRIC_CFG_PATH: config, FABRIC_PORT: port } = environment;
  const programs = await findPrograms({
    path: PATH,
    ...(bin === undefined ? {} : { bin }),
    ...(config === undefined ? {} : { config }),
  });
  const first = port === undefined ? await freePort?.() : portOf(port, 'FABRIC_PORT');
  return { startLedger: startFabricTour(programs, first) };
}

/** A port out of the environment. @throws START_FAILED */
export function portOf(text: string, name: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_530) {
    throw failed(`${name} must be a number from 1 to 65530`);
  }
  return port;
}

function failed(message: string): CodedError<'START_FAILED'> {
  return new CodedError('START_FAILED', message);
}
