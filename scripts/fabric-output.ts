// SPDX-License-Identifier: Apache-2.0
// What `npm run fabric` prints: status as a table or JSON, the ends of logs.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '@zhenglian/core/errors';
import type { Layout } from '@zhenglian/network/fabric/layout';
import type { SnapshotReport } from '@zhenglian/network/fabric/join-from-snapshot';
import type { ProcessState } from '@zhenglian/network/fabric/processes';
import type { NetworkStatus, NodeStatus } from '@zhenglian/network/fabric/status';
import type { UpgradeReport } from '@zhenglian/network/fabric/upgrade';
import type { DrillReport } from './drills/run-drill.ts';
import { DRILLS } from './drills/table.ts';

const LINES = 20;
const NODE_WIDTH = 20;
const DRILL_WIDTH = 14;

/** Prints a network's status. */
export function printStatus(status: NetworkStatus, json: boolean): void {
  if (json) {
    console.log(JSON.stringify(status, null, 2));
    return;
  }
  const { leader, height, nodes, chaincodes, processes } = status;
  console.log(`height ${String(height ?? '?')}, leader ${leader ?? 'unknown'}`);
  for (const node of nodes) {
    const own = processes.find(({ name }) => name === node.name);
    console.log(`${node.name.padEnd(NODE_WIDTH)} ${tellNode(node)}${tellProcess(own)}`);
  }
  const isNode = (name: string) => nodes.some((node) => node.name === name);
  for (const each of processes.filter(({ name }) => !isNode(name))) {
    console.log(`${each.name.padEnd(NODE_WIDTH)} ${tellProcess(each)}`);
  }
  for (const { name, version, sequence } of chaincodes) {
    console.log(`${name.padEnd(8)} version ${version}, sequence ${String(sequence)}`);
  }
  for (const msp of status.joining) console.log(`${msp} has not finished joining: add-org ${msp}`);
  for (const msp of status.behind) console.log(tellBehind(msp));
}

/** Prints what an upgrade did. */
export function printUpgrade(report: UpgradeReport, json: boolean): void {
  if (json) {
    console.log(JSON.stringify(report));
    return;
  }
  const tellVersions = ({ consortium, organisation }: UpgradeReport['to']) =>
    `zl ${String(consortium)}, province ${String(organisation)}`;
  const { names, finished, behind } = report;
  if (names.length === 0 && finished.length === 0) {
    console.log(`nothing to do: these contracts are served (${tellVersions(report.to)})`);
  }
  if (names.length > 0) {
    console.log(`${tellVersions(report.from)} → ${tellVersions(report.to)}: ${names.join(', ')}`);
  }
  for (const msp of finished) console.log(`${msp} has the contracts in force now`);
  for (const msp of behind) console.log(tellBehind(msp));
}

/** Prints from what a peer joined. */
export function printSnapshot(report: SnapshotReport, json: boolean): void {
  if (json) {
    console.log(JSON.stringify(report));
    return;
  }
  const { msp, sources, block, hash, lastCommitHash, height } = report;
  console.log(`peer-${msp} joined from the snapshot at block ${String(block)}, height now ${String(height)}
  made alike by    ${sources.join(', ')}
  snapshot hash    ${hash}
  commit hash      ${lastCommitHash}
  blocks before ${String(block + 1)} are with other peers only`);
}

/** Prints all drills, a line each. */
export function printDrills(json: boolean): void {
  const drills = Object.entries(DRILLS).map(([name, { what }]) => ({ name, what }));
  if (json) console.log(JSON.stringify(drills));
  else for (const { name, what } of drills) console.log(`${name.padEnd(DRILL_WIDTH)} ${what}`);
}

/** Prints what a drill showed. */
export function printDrill(report: DrillReport, json: boolean): void {
  if (json) {
    console.log(JSON.stringify(report));
    return;
  }
  const { drill, passed, seconds, accepted, lost, strange, repeated, longestGapMs } = report;
  const aim = report.aimMs === undefined ? '' : ` (aim ${String(report.aimMs)})`;
  console.log(
    `${passed ? 'pass' : 'FAIL'} ${drill.padEnd(DRILL_WIDTH)} ${seconds.toFixed(1)} s, ${String(accepted)} batches accepted, lost ${String(lost)}, twice or unknown ${String(strange)}, made again ${String(repeated)}, longest gap ${String(longestGapMs)} ms${aim}, heads ${report.headsAgree ? 'agree' : 'DIFFER'}, audit: ${report.audit}`,
  );
  for (const line of report.said) console.log(`     ${line}`);
  if (report.failed !== undefined) console.log(`     failed: ${report.failed}`);
}

/** Prints the end of every log, or of one. @throws START_FAILED where there is none */
export function printLogs(layout: Layout, name?: string): void {
  for (const { file, text } of readLogs(layout, name)) {
    const lines = text.trimEnd().split('\n');
    console.log(`==> ${file}\n${lines.slice(-LINES).join('\n')}\n`);
  }
}

function readLogs({ folder, logsFolder }: Layout, name?: string) {
  const files = existsSync(logsFolder) ? readdirSync(logsFolder).sort() : [];
  if (files.length === 0) {
    const words = `there are no logs in ${folder}: npm run fabric -- up makes a network there, FABRIC_DIR names another`;
    throw new CodedError('START_FAILED', words);
  }
  const wanted = files.filter((file) => name === undefined || file === `${name}.log`);
  if (wanted.length === 0) {
    const names = files.map((file) => file.replace(/\.log$/, '')).join(', ');
    throw new CodedError('START_FAILED', `there is no log of ${name ?? ''}: name one of ${names}`);
  }
  return wanted.map((file) => ({ file, text: readFileSync(join(logsFolder, file), 'utf8') }));
}

function tellBehind(msp: string): string {
  return `${msp} has not taken the contracts in force: upgrade-chaincode does it once its peer runs`;
}

function tellNode({ height, lag, firstBlock, diskBytes, certificateUntil }: NodeStatus): string {
  const parts = [
    ...(height === undefined ? [] : [`height ${String(height)}`]),
    ...(lag === undefined ? [] : [`lag ${String(lag)}`]),
    ...(firstBlock ? [`from block ${String(firstBlock)} on`] : []),
    ...(diskBytes === undefined ? [] : [`${(diskBytes / 1e6).toFixed(1)} MB`]),
    `certificate until ${certificateUntil.slice(0, 10)}, `,
  ];
  return parts.join(', ');
}

function tellProcess(state: ProcessState | undefined): string {
  return state?.alive ? `pid ${String(state.pid)}` : 'does not run';
}
