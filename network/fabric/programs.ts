// SPDX-License-Identifier: Apache-2.0
// Fabric's own programs: found on PATH or in FABRIC_BIN, never part of this repository; and how they are run.
import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CodedError } from '@zhenglian/core/errors';

/** Names of the programs that a network needs. */
export const PROGRAMS = [
  'peer',
  'orderer',
  'osnadmin',
  'configtxgen',
  'configtxlator',
  'cryptogen',
] as const;
export type Program = (typeof PROGRAMS)[number];

/** Where the programs are, and the folder of core.yaml and orderer.yaml, which are used as Fabric ships them. */
export interface Programs {
  readonly paths: Readonly<Record<Program, string>>;
  readonly configFolder: string;
  readonly version: string;
}

/** Where to look: the values of PATH, FABRIC_BIN, FABRIC_CFG_PATH. */
export interface ProgramPlaces {
  readonly path: string;
  readonly bin?: string;
  readonly config?: string;
}

export type Environment = Readonly<Record<string, string>>;

const HOW =
  "get them with Fabric's own installer (install-fabric.sh --fabric-version 3.1.5 binary) and put its bin folder on PATH or name it in FABRIC_BIN";
const LEAST_VERSION = [3, 1] as const;
/** How each is asked; `osnadmin` cannot tell its version. */
const VERSION_ARGUMENTS = {
  peer: ['version'],
  orderer: ['version'],
  configtxgen: ['-version'],
  configtxlator: ['version'],
  cryptogen: ['version'],
} as const;
const execute = promisify(execFile);

/** Looks for the programs. @throws START_FAILED naming what is missing or too old, and how it is had */
export async function findPrograms(places: ProgramPlaces): Promise<Programs> {
  const paths = findPaths(places);
  const configFolder = places.config ?? join(dirname(paths.peer), '..', 'config');
  const lost = ['core.yaml', 'orderer.yaml'].filter(
    (file) => !existsSync(join(configFolder, file)),
  );
  if (lost.length > 0) {
    throw failed(`${lost.join(', ')} of Hyperledger Fabric not in ${configFolder}; ${HOW}`);
  }
  return { paths, configFolder, version: await requireVersions(paths) };
}

function findPaths(places: ProgramPlaces): Readonly<Record<Program, string>> {
  const folders = places.bin ? [places.bin] : places.path.split(delimiter).filter(Boolean);
  const find = (program: string) =>
    folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
  const missing = PROGRAMS.filter((program) => find(program) === undefined);
  if (missing.length > 0) {
    throw failed(`Hyperledger Fabric's programs are missing: ${missing.join(', ')}; ${HOW}`);
  }
  return Object.fromEntries(
    PROGRAMS.map((program) => [program, realpathSync(find(program) ?? '')]),
  ) as Record<Program, string>;
}

/** Version of `peer`, when that of every program will do: a newer peer beside an old orderer is what a half-done update leaves. */
async function requireVersions(paths: Programs['paths']): Promise<string> {
  const asked = Object.entries(VERSION_ARGUMENTS).map(async ([program, args]) => {
    const path = Object.entries(paths).find(([name]) => name === program)?.[1] ?? '';
    return [program, await versionOf(path, args)] as const;
  });
  const versions = await Promise.all(asked);
  const wrong = versions.filter(([, version]) => !isNewEnough(version));
  if (wrong.length > 0) {
    const names = wrong.map(([program, version]) => `${program} is ${version}`).join(', ');
    throw failed(`Hyperledger Fabric 3.1 or a later 3 is needed; ${names}; ${HOW}`);
  }
  return versions.find(([program]) => program === 'peer')?.[1] ?? '';
}

async function versionOf(path: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await execute(path, [...args]);
    return /Version: v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? 'of no known version';
  } catch (cause) {
    throw failed(`${path} cannot be run; ${HOW}`, cause);
  }
}

function isNewEnough(version: string): boolean {
  const [major, minor = 0] = version.split('.').map(Number);
  return major === LEAST_VERSION[0] && minor >= LEAST_VERSION[1];
}

/** Runs a program to its end and gives what it printed. @throws START_FAILED with its last words */
export async function runProgram(
  path: string,
  args: readonly string[],
  env: Environment = {},
): Promise<string> {
  try {
    const options = { env: { ...env, FABRIC_LOGGING_SPEC: 'error' }, maxBuffer: 64 << 20 };
    return (await execute(path, [...args], options)).stdout;
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause);
    const command = `${path.split('/').at(-1) ?? ''} ${args.slice(0, 3).join(' ')}`;
    throw failed(`${command}: ${said.trim().slice(-600)}`, cause);
  }
}

function failed(message: string, cause?: unknown): CodedError<'START_FAILED'> {
  return new CodedError('START_FAILED', message, { cause });
}
