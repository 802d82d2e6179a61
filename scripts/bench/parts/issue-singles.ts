// SPDX-License-Identifier: Apache-2.0
// Single licences at a steady rate: each is sent at its time, whatever became of those before.
import { setTimeout as sleep } from 'node:timers/promises';
import type { SampleDriver } from '../../samples-drivers.ts';
import type { Office } from './office.ts';
import { quantile } from './quantiles.ts';

/** Milliseconds from sending to the answer. */
export interface SingleTimes {
  readonly p50: number;
  readonly p99: number;
}

/** Issues these licences at so many a second. */
export async function issueSingles(
  office: Office,
  drivers: readonly SampleDriver[],
  rate: number,
): Promise<SingleTimes> {
  const times: number[] = [];
  const sent: Promise<unknown>[] = [];
  let failure: Error | undefined;
  const begun = performance.now();
  for (const [i, fields] of drivers.entries()) {
    const wait = begun + (i * 1000) / rate - performance.now();
    if (wait > 0) await sleep(wait);
    const at = performance.now();
    const body = JSON.stringify({ type: 'driving', fields });
    const answered = office.call('POST', '/v1/licences', { type: 'application/json', body });
    sent.push(
      answered.then(
        () => void times.push(performance.now() - at),
        (cause: unknown) => (failure ??= new Error('a licence was not issued', { cause })),
      ),
    );
  }
  await Promise.all(sent);
  if (failure !== undefined) throw failure;
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}
