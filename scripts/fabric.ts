// SPDX-License-Identifier: Apache-2.0
// `npm run fabric -- COMMAND`: a network of real Fabric nodes on this machine (network/fabric, docs/operations.md).
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CodedError, isCodedError } from '@zhenglian/core/errors';
import { BUNDLES } from '@zhenglian/network/bundles';
import { openLayout } from '@zhenglian/network/fabric/added-organisations';
import { withFolderLock } from '@zhenglian/network/fabric/folder-lock';
import { layoutOf } from '@zhenglian/network/fabric/layout';
import { joinFromSnapshot } from '@zhenglian/network/fabric/join-from-snapshot';
import { bringDown, bringUp, reset } from '@zhenglian/network/fabric/network';
import { findPrograms } from '@zhenglian/network/fabric/programs';
import { readStatus } from '@zhenglian/network/fabric/status';
import { upgradeChaincodes } from '@zhenglian/network/fabric/upgrade';
import type { Layout } from '@zhenglian/network/fabric/layout';
import type { Programs } from '@zhenglian/network/fabric/programs';
import { networkDefinition, readConsortium } from './consortium.ts';
import { runDrill } from './drills/run-drill.ts';
import { DRILLS } from './drills/table.ts';
import { addOrganisation } from './fabric-add-organisation.ts';
import { audit, printAudit } from './fabric-audit.ts';
import {
  printDrill,
  printDrills,
  printLogs,
  printSnapshot,
  printStatus,
  printUpgrade,
} from './fabric-output.ts';

const HELP = `npm run fabric -- COMMAND [options]   a network of real Hyperledger Fabric nodes on this machine

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

const { values: options, positionals } = parseArgs({
  options: {
    json: { type: 'boolean' },
    help: { type: 'boolean' },
    wipe: { type: 'boolean' },
    without: { type: 'string' },
    port: { type: 'string' },
    seconds: { type: 'string' },
    licences: { type: 'string' },
    kills: { type: 'string' },
    from: { type: 'string' },
    export: { type: 'string' },
    blocks: { type: 'string' },
    with: { type: 'string', multiple: true },
    genesis: { type: 'string' },
  },
  allowPositionals: true,
});
const [command = '', subject] = positionals;
let interruptedBy: NodeJS.Signals | undefined;
const environment = process.env;
const progress = (line: string) => {
  console.error(`  ${line} …`);
};

const COMMANDS: Readonly<Record<string, (layout: Layout) => Promise<void>>> = {
  up: async (layout) => {
    const started = Date.now();
    const programs = await programsOf();
    await bringUp({ layout, programs, bundles: BUNDLES, progress });
    const seconds = (Date.now() - started) / 1000;
    if (options.json) console.log(JSON.stringify({ folder: layout.folder, seconds }));
    else console.log(`up in ${seconds.toFixed(1)} s; everything is in ${layout.folder}`);
  },
  status: async (layout) => {
    printStatus(await readStatus(await programsOf(), layout), options.json === true);
  },
  down: async (layout) => {
    await bringDown(layout);
    console.log(options.json ? '{}' : 'down');
  },
  reset: async (layout) => {
    await reset(layout);
    console.log(options.json ? '{}' : 'reset: nothing is left');
  },
  'add-org': async (layout) => {
    const started = Date.now();
    const parts = { layout, programs: await programsOf(), progress, file: readConsortium() };
    const msp = subject ?? '';
    const { organisations } = await addOrganisation({ ...parts, msp, ...readPort() });
    const msps = organisations.map((each) => each.msp);
    const seconds = (Date.now() - started) / 1000;
    if (options.json) console.log(JSON.stringify({ msp, msps, seconds }));
    else console.log(`${msp} is a member, after ${seconds.toFixed(1)} s: ${msps.join(', ')}`);
  },
  'upgrade-chaincode': async (layout) => {
    const programs = await programsOf();
    const { without } = options;
    const report = await upgradeChaincodes({
      ...{ layout, programs, bundles: BUNDLES, progress },
      ...(without === undefined ? {} : { without }),
    });
    printUpgrade(report, options.json === true);
  },
  'join-from-snapshot': async (layout) => {
    const parts = { layout, programs: await programsOf(), progress };
    const wipe = options.wipe === true;
    const report = await joinFromSnapshot({ ...parts, msp: subject ?? '', wipe });
    printSnapshot(report, options.json === true);
  },
  drill: async (layout) => {
    if (subject === 'list') {
      printDrills(options.json === true);
      return;
    }
    const programs = await programsOf();
    const file = readConsortium();
    const drillOptions = { layout, programs, bundles: BUNDLES, progress, file, ...readAmounts() };
    const names = subject === 'every' ? Object.keys(DRILLS) : [subject ?? ''];
    const signal = interruption();
    for (const name of names) {
      const report = await runDrill(name, { ...drillOptions, signal });
      printDrill(report, options.json === true);
      if (!report.passed) process.exitCode = 1;
    }
  },
  audit: async (layout) => {
    const report = await audit({ ...options, layout, progress });
    printAudit(report, options.json === true);
    if (report.confirmed === false) process.exitCode = 1;
  },
  logs: (layout) => {
    printLogs(layout, subject);
    return Promise.resolve();
  },
};

const CHANGING: readonly string[] = [
  ...['up', 'down', 'reset', 'drill', 'add-org', 'upgrade-chaincode', 'join-from-snapshot'],
];
const run = COMMANDS[command];
if (options.help || run === undefined) {
  console.log(HELP);
  process.exitCode = options.help ? 0 : 64;
} else {
  try {
    const layout = readLayout();
    // `drill list` and what only looks are free to run beside another command.
    const isAlone = CHANGING.includes(command) && subject !== 'list';
    if (isAlone) await withFolderLock(layout.folder, process.pid, () => run(layout));
    else await run(layout);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = isCodedError(error) ? { code: error.code } : {};
    if (options.json) console.log(JSON.stringify({ ...code, error: message }));
    console.error(message);
    process.exitCode = 1;
  }
  // An interrupted drill may still wait for something.
  if (interruptedBy !== undefined) process.exit(interruptedBy === 'SIGINT' ? 130 : 143);
}

/** A drill that is interrupted ends what it has started and brings the real processes up again; a second signal changes nothing. */
function interruption(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (interruptedBy === undefined) progress('interrupted: bringing the network up again');
      interruptedBy ??= name;
      stop.abort(new Error('the drill was interrupted; the network is up again'));
    });
  }
  return stop.signal;
}

function readLayout(): Layout {
  const file = readConsortium();
  const folder = resolve(environment['FABRIC_DIR'] ?? '.data/fabric');
  const port = environment['FABRIC_PORT'] ?? String(file.fabric.firstPort);
  // What ends or removes a network must not depend on what stands in its folder.
  const open = ['down', 'reset', 'logs'].includes(command) ? layoutOf : openLayout;
  return open(folder, networkDefinition(file), portOf(port, 'FABRIC_PORT'));
}

function readPort(): { readonly firstPort?: number } {
  if (options.port === undefined) return {};
  return { firstPort: portOf(options.port, '--port') };
}

function portOf(text: string, name: string): number {
  const port = /^\d{4,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1024 && port <= 65_000) return port;
  throw wrong(`${name} must be a number from 1024 to 65000`);
}

function readAmounts(): Partial<Readonly<Record<'seconds' | 'licences' | 'kills', number>>> {
  const read = (name: 'seconds' | 'licences' | 'kills') => {
    const text = options[name];
    if (text === undefined) return {};
    if (!/^\d{1,5}$/.test(text)) throw wrong(`--${name} must be a number below 100,000`);
    return { [name]: Number(text) };
  };
  return { ...read('seconds'), ...read('licences'), ...read('kills') };
}

function wrong(words: string): CodedError<'START_FAILED'> {
  return new CodedError('START_FAILED', words);
}

function programsOf(): Promise<Programs> {
  const bin = environment['FABRIC_BIN'];
  const config = environment['FABRIC_CFG_PATH'];
  return findPrograms({
    path: environment['PATH'] ?? '',
    ...(bin === undefined ? {} : { bin }),
    ...(config === undefined ? {} : { config }),
  });
}
