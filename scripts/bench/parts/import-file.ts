// SPDX-License-Identifier: Apache-2.0
// An import as an office sees it: a file goes in by HTTP, and it is over when every licence of it is anchored and released.
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Office } from './office.ts';
import { readCpuSeconds, readProcessTree } from './process-tree.ts';

/** The columns of a file of driving licences. */
export const DRIVING_HEADER =
  'name,sex,birthDate,nationality,address,licenceNo,firstIssuedOn,classes,validFrom,validTo,fileNo,hearingAid';

const POLL_MS = 100;

/** What an import took; `residentBytes`: of the gateway, by the share of lines that were issued, in tenths. */
export interface Imported {
  readonly count: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly residentBytes: readonly number[];
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
  const residentBytes: number[] = [];
  let peakBytes = 0;
  for (;;) {
    const [gateway] = readProcessTree(pid);
    const bytes = gateway?.residentBytes ?? 0;
    peakBytes = Math.max(peakBytes, bytes);
    const progress = await office.call('GET', `/v1/imports/${id}`);
    residentBytes[Math.floor((10 * Number(progress['accepted'])) / count)] ??= bytes;
    if (progress['state'] === 'done') {
      if (progress['anchored'] !== count) throw new Error(`not all: ${JSON.stringify(progress)}`);
      break;
    }
    await sleep(POLL_MS);
  }
  const seconds = (performance.now() - begun) / 1000;
  return {
    count,
    seconds,
    cpuSeconds: readCpuSeconds(pid) - cpuBefore,
    peakBytes,
    residentBytes: residentBytes.filter((bytes) => bytes > 0),
  };
}

/** Hands a file in; gives the id of its import. */
export async function postFile(office: Office, file: Readable | string): Promise<string> {
  const posted = await office.call('POST', '/v1/imports?type=driving', {
    type: 'text/csv',
    body: file,
  });
  return String(posted['id']);
}
