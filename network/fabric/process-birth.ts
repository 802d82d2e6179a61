// SPDX-License-Identifier: Apache-2.0
// What is written down of a process so that it is found again for certain, by whoever looks later.
import { readFileSync, statSync } from 'node:fs';
import { kill } from 'node:process';

/** What is written down of a process: its number, and its time of birth as the system tells it. */
export interface Birth {
  readonly pid: number;
  readonly born: string;
  readonly standsIn: boolean;
}

/** Reads what was written down of a process. @throws SyntaxError for anything else */
export function parseBirth(text: string): Birth {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new SyntaxError('no process');
  const { pid, born, standsIn } = value as Partial<Record<keyof Birth, unknown>>;
  // A number below 2 would mean this process's own group, or all of them.
  const isPid = typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 1;
  if (!isPid || typeof born !== 'string') throw new SyntaxError('no process');
  return { pid, born, standsIn: standsIn === true };
}

/** The system gives numbers of dead processes away again: the time of birth tells them apart. */
export function lives({ pid, born }: Pick<Birth, 'pid' | 'born'>): boolean {
  return isAlive(pid) && birthOf(pid) === born;
}

/** When a process began, as the system tells it; a zombie has ended. */
export function birthOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // The first thread may have ended while others still hold the data's lock: on a busy machine for a second or two.
    const hasEnded = fields[0] === 'Z' && Number(fields[17]) <= 1;
    return hasEnded ? 'ended' : (fields[19] ?? '');
  } catch {
    return statSync('/proc', { throwIfNoEntry: false }) ? 'ended' : '';
  }
}

function isAlive(pid: number): boolean {
  try {
    kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
