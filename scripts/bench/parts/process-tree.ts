// SPDX-License-Identifier: Apache-2.0
// What the processes below one hold in memory, as Linux tells it under /proc.
import { readFileSync, readdirSync } from 'node:fs';

/** One process: its parent, its command line, its resident bytes. */
export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  readonly residentBytes: number;
  /** Of these its own: not pages of files, which the system keeps while nobody else wants the room. */
  readonly ownBytes: number;
  /** Its share: pages that several processes hold (the program of Node, mostly) count once over all of them. */
  readonly shareBytes: number;
}

/** Linux counts processor time in hundredths of a second. */
const TICKS = 100;

/** A process and everything below it; empty where there is no /proc or no such process. */
export function readProcessTree(root: number): ProcessInfo[] {
  const all = readProcesses();
  const tree = all.filter(({ pid }) => pid === root);
  for (let i = 0; i < tree.length; i += 1) {
    tree.push(...all.filter(({ parent }) => parent === tree[i]?.pid));
  }
  return tree.map((each) => ({
    ...each,
    shareBytes: readShare(String(each.pid)) ?? each.residentBytes,
  }));
}

/** Seconds of processor time that a process has had; 0 where there is no /proc or no such process. */
export function readCpuSeconds(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  } catch {
    return 0;
  }
}

function readProcesses(): Omit<ProcessInfo, 'shareBytes'>[] {
  let names: string[];
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8');
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const number = (field: string) =>
        Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
      const residentBytes = number('VmRSS') * 1024;
      const ownBytes = number('RssAnon') * 1024;
      const parent = number('PPid');
      return [{ pid: Number(name), parent, command, residentBytes, ownBytes }];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}

/** Another user's processes do not say, and some kernels do not. */
function readShare(pid: string): number | undefined {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const kilobytes = /^Pss:\s+(\d+)/m.exec(rollup)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
