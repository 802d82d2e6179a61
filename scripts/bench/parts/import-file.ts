// SPDX-License-Identifier: Apache-2.0
// An import as an office sees it: a file goes in by HTTP, and it is over when every licence of it is anchored and released.
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Office } from './office.ts';
import { readCpuSeconds, readProcessTree } from './process-tree.ts';

const POLL_MS = 100;

/** Memory of a process: its own, and with the pages of files that it has mapped. */
export interface Memory {
  readonly own: number;
  readonly resident: number;
}

/** What an import took; memory of the gateway in bytes, at most and when a tenth of the lines was issued. */
export interface Imported {
  readonly count: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly most: Memory;
  readonly tenth: Memory;
}

/** Imports a CSV file of driving licences; throws when not all of `count` were anchored. */
export async function importFile(
  office: Office,
  file: Readable | string,
  count: number,
): Promise<Imported> {
  const pid = office.gatewayPid();
  const cpuBefore = readCpuSeconds(pid);
  const begun = performance.now();
  const id = await postFile(office, file);
  let most: Memory = { own: 0, resident: 0 };
  let tenth: Memory | undefined;
  await untilAnchored(office, id, count, (accepted) => {
    const [gateway] = readProcessTree(pid);
    if (gateway === undefined) return;
    const { ownBytes, residentBytes } = gateway;
    const resident = Math.max(most.resident, residentBytes);
    most = { own: Math.max(most.own, ownBytes), resident };
    if (accepted >= count / 10) tenth ??= most;
  });
  const seconds = (performance.now() - begun) / 1000;
  const cpuSeconds = readCpuSeconds(pid) - cpuBefore;
  return { count, seconds, cpuSeconds, most, tenth: tenth ?? most };
}

/** Waits until an import is done; throws when not all of `count` were anchored. `look`: called each time with the lines accepted by then. */
export async function untilAnchored(
  office: Office,
  id: string,
  count: number,
  look?: (accepted: number) => void,
): Promise<void> {
  for (;;) {
    const progress = await office.call('GET', `/v1/imports/${id}`);
    look?.(Number(progress['accepted']));
    if (progress['state'] === 'done') {
      if (progress['anchored'] !== count) throw new Error(`not all: ${JSON.stringify(progress)}`);
      return;
    }
    await sleep(POLL_MS);
  }
}

/** Hands a file in; gives the id of its import. */
export async function postFile(office: Office, file: Readable | string): Promise<string> {
  const posted = await office.call('POST', '/v1/imports?type=driving', {
    type: 'text/csv',
    body: file,
  });
  return String(posted['id']);
}
