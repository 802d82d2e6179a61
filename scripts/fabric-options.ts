// SPDX-License-Identifier: Apache-2.0
// The command line of `npm run fabric`: its help, its options, and the numbers in them.
import { parseArgs } from 'node:util';
import { CodedError } from '@zhenglian/core/errors';
import type { DrillOptions } from './drills/drill.ts';

/** What `--help` prints. */
export const HELP = `npm run fabric -- COMMAND [options]   a network of real Hyperledger Fabric nodes on this machine

  up       makes the network where there is none, starts what does not run
  status   heights, leader, chaincode definitions, disk and certificates of every node
  down     ends every process
  reset    ends every process and removes the network
  drill    breaks something while licences are anchored: drill list, drill leader, drill every
  add-org             a candidate of network/consortium.json joins the running network: add-org P11
  upgrade-chaincode   brings the running network's contracts to those built here
  join-from-snapshot  a peer joins from a snapshot that two others made alike: join-from-snapshot P51
  audit    checks the whole chain of a peer; --blocks DIR: of a folder of blocks, with nothing running
  logs     the end of every log, or of one: logs peer-P44

  --json       prints the result as JSON
  --port N     first of the ten ports of add-org's organisation (those after the last one's unless given)
  --without M  upgrade-chaincode: goes on by the majority while M's peer cannot run
  --wipe       lets join-from-snapshot remove the blocks that the peer has
  --seconds N  how long a drill keeps its broken state, where it has such a time (held: 600, partition: 60)
  --without-desk  a drill without the gateways that issue beside it
  --licences N how many licences the drill gateway imports (20,000)
  --kills N    how often it is killed meanwhile (10)
  --from MSP   audit: whose peer is read (the first organisation's)
  --export DIR audit: writes every block that passed, one file each
  --blocks DIR audit: reads such a folder
  --with DIR   audit --blocks: what another organisation exported, to compare flags with; may be given again
  --genesis H  audit: hash of block 0, 64 hex digits (that of FABRIC_DIR's own file)

  FABRIC_DIR       where everything is kept (.data/fabric unless set)
  FABRIC_PORT      first of ten ports an organisation, all below 32768 (network/consortium.json unless set)
  FABRIC_BIN       folder of Fabric's programs (PATH unless set)
  FABRIC_CFG_PATH  folder of core.yaml and orderer.yaml (beside the programs' folder unless set)`;

const OPTIONS = {
  json: { type: 'boolean' },
  help: { type: 'boolean' },
  wipe: { type: 'boolean' },
  without: { type: 'string' },
  port: { type: 'string' },
  'without-desk': { type: 'boolean' },
  seconds: { type: 'string' },
  licences: { type: 'string' },
  kills: { type: 'string' },
  from: { type: 'string' },
  export: { type: 'string' },
  blocks: { type: 'string' },
  with: { type: 'string', multiple: true },
  genesis: { type: 'string' },
} as const;

/** A command line that was understood. */
export type FabricLine = ReturnType<typeof parseLine>;

/** Reads a command line; without a command that is an empty one. @throws START_FAILED in one line for a command or option that there is none of, or a missing value */
export function parseLine(args: readonly string[], commands: readonly string[]) {
  const { values: options, positionals } = parse(args);
  const [command = '', subject] = positionals;
  if (command === '' || commands.includes(command)) return { options, command, subject };
  throw wrong(`there is no command ${command}; there are: ${commands.join(', ')}`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    const [words = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw new CodedError('START_FAILED', `${words}; see npm run fabric -- --help`, { cause });
  }
}

/** A port out of an option or the environment. @throws START_FAILED */
export function portOf(text: string, name: string): number {
  const port = /^\d{4,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1024 && port <= 65_000) return port;
  throw wrong(`${name} must be a number from 1024 to 65000`);
}

/** The numbers that drills are run with, and whether without their desk. @throws START_FAILED */
export function readAmounts({
  options,
}: FabricLine): Pick<DrillOptions, 'seconds' | 'licences' | 'kills' | 'withoutDesk'> {
  const read = (name: 'seconds' | 'licences' | 'kills') => {
    const text = options[name];
    if (text === undefined) return {};
    if (!/^\d{1,5}$/.test(text)) throw wrong(`--${name} must be a number below 100,000`);
    return { [name]: Number(text) };
  };
  const desk = options['without-desk'] ? ({ withoutDesk: true } as const) : {};
  return { ...read('seconds'), ...read('licences'), ...read('kills'), ...desk };
}

function wrong(words: string): CodedError<'START_FAILED'> {
  return new CodedError('START_FAILED', words);
}
