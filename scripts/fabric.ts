// SPDX-License-Identifier: Apache-2.0
// `npm run fabric -- COMMAND`: a network of real Fabric nodes on this machine (network/fabric, docs/operations.md).
import { resolve } from 'node:path';
import { isCodedError } from '@zhenglian/core/errors';
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
import { HELP, parseLine, portOf, readAmounts } from './fabric-options.ts';
import type { FabricLine } from './fabric-options.ts';
import {
  printDrill,
  printDrills,
  printLogs,
  printSnapshot,
  printStatus,
  printUpgrade,
} from './fabric-output.ts';

/** A command that was called on a network. */
interface Called extends FabricLine {
  readonly layout: Layout;
}

/** Exit code of a command line that cannot be understood (sysexits.h). */
const USAGE = 64;
let interruptedBy: NodeJS.Signals | undefined;
const environment = process.env;
const progress = (line: string) => {
  console.error(`  ${line} …`);
};

const COMMANDS: Readonly<Record<string, (called: Called) => Promise<void>>> = {
  up: async ({ layout: own, options }) => {
    const layout = { ...own, signal: interruption() };
    const started = Date.now();
    const programs = await programsOf();
    await bringUp({ layout, programs, bundles: BUNDLES, progress });
    const seconds = (Date.now() - started) / 1000;
    if (options.json) console.log(JSON.stringify({ folder: layout.folder, seconds }));
    else console.log(`up in ${seconds.toFixed(1)} s; everything is in ${layout.folder}`);
  },
  status: async ({ layout, options }) => {
    printStatus(await readStatus(await programsOf(), layout), options.json === true);
  },
  down: async ({ layout, options }) => {
    await bringDown(layout);
    console.log(options.json ? '{}' : 'down');
  },
  reset: async ({ layout, options }) => {
    await reset(layout);
    console.log(options.json ? '{}' : 'reset: nothing is left');
  },
  'add-org': async ({ layout: own, options, subject }) => {
    const layout = { ...own, signal: interruption() };
    const started = Date.now();
    const parts = { layout, programs: await programsOf(), progress, file: readConsortium() };
    const msp = subject ?? '';
    const { organisations } = await addOrganisation({ ...parts, msp, ...readPort(options) });
    const msps = organisations.map((each) => each.msp);
    const seconds = (Date.now() - started) / 1000;
    if (options.json) console.log(JSON.stringify({ msp, msps, seconds }));
    else console.log(`${msp} is a member, after ${seconds.toFixed(1)} s: ${msps.join(', ')}`);
  },
  'upgrade-chaincode': async ({ layout: own, options }) => {
    const layout = { ...own, signal: interruption() };
    const programs = await programsOf();
    const { without } = options;
    const report = await upgradeChaincodes({
      ...{ layout, programs, bundles: BUNDLES, progress },
      ...(without === undefined ? {} : { without }),
    });
    printUpgrade(report, options.json === true);
  },
  'join-from-snapshot': async ({ layout: own, options, subject }) => {
    const layout = { ...own, signal: interruption() };
    const parts = { layout, programs: await programsOf(), progress };
    const wipe = options.wipe === true;
    const report = await joinFromSnapshot({ ...parts, msp: subject ?? '', wipe });
    printSnapshot(report, options.json === true);
  },
  drill: async (called) => {
    const { layout, options, subject } = called;
    if (subject === 'list') {
      printDrills(options.json === true);
      return;
    }
    const programs = await programsOf();
    const file = readConsortium();
    const drillOptions = {
      layout,
      programs,
      bundles: BUNDLES,
      progress,
      file,
      ...readAmounts(called),
    };
    const names = subject === 'every' ? Object.keys(DRILLS) : [subject ?? ''];
    const signal = interruption('the network is up again');
    for (const name of names) {
      const report = await runDrill(name, { ...drillOptions, signal });
      printDrill(report, options.json === true);
      if (!report.passed) process.exitCode = 1;
    }
  },
  audit: async ({ layout, options }) => {
    const report = await audit({ ...options, layout, progress });
    printAudit(report, options.json === true);
    if (report.confirmed === false) process.exitCode = 1;
  },
  logs: ({ layout, subject }) => {
    printLogs(layout, subject);
    return Promise.resolve();
  },
};

const CHANGING: readonly string[] = [
  ...['up', 'down', 'reset', 'drill', 'add-org', 'upgrade-chaincode', 'join-from-snapshot'],
];

process.exitCode = await main(process.argv.slice(2));
// What was interrupted may still wait for something.
if (interruptedBy !== undefined) process.exit(interruptedBy === 'SIGINT' ? 130 : 143);

/** Runs what the command line says; gives the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const isJson = args.includes('--json');
  let line: FabricLine;
  try {
    line = parseLine(args, Object.keys(COMMANDS));
  } catch (error) {
    return fail(error, isJson, USAGE);
  }
  const { command, options, subject } = line;
  const run = COMMANDS[command];
  if (options.help || run === undefined) {
    console.log(HELP);
    return options.help ? 0 : USAGE;
  }
  try {
    const called = { ...line, layout: readLayout(command) };
    // `drill list` and what only looks are free to run beside another command.
    const isAlone = CHANGING.includes(command) && subject !== 'list';
    if (!isAlone) await run(called);
    else await withFolderLock(called.layout.folder, process.pid, () => run(called));
  } catch (error) {
    return fail(error, isJson, 1);
  }
  return Number(process.exitCode ?? 0);
}

function fail(error: unknown, isJson: boolean, exitCode: number): number {
  const message = error instanceof Error ? error.message : String(error);
  const code = isCodedError(error) ? { code: error.code } : {};
  if (isJson) console.log(JSON.stringify({ ...code, error: message }));
  console.error(message);
  return exitCode;
}

/** Whatever starts processes ends by this what it has started; a second signal changes nothing. */
function interruption(outcome = 'what it started is ended, or named above'): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (interruptedBy === undefined) progress(`${name}: ending in order`);
      interruptedBy ??= name;
      stop.abort(new Error(`interrupted: ${outcome}`));
    });
  }
  return stop.signal;
}

function readLayout(command: string): Layout {
  const file = readConsortium();
  const folder = resolve(environment['FABRIC_DIR'] ?? '.data/fabric');
  const port = environment['FABRIC_PORT'] ?? String(file.fabric.firstPort);
  // What ends or removes a network must not depend on what stands in its folder.
  const open = ['down', 'reset', 'logs'].includes(command) ? layoutOf : openLayout;
  return open(folder, networkDefinition(file), portOf(port, 'FABRIC_PORT'));
}

function readPort({ port }: FabricLine['options']): { readonly firstPort?: number } {
  return port === undefined ? {} : { firstPort: portOf(port, '--port') };
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
