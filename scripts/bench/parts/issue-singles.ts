// SPDX-License-Identifier: Apache-2.0
// Single licences at a steady rate, each another one, from a process of its own: the time of an answer is counted from
// when its request was due, so that a slow gateway cannot hide behind requests that were not sent.
import type { SampleDriver } from '../../samples-drivers.ts';
import type { LoadFigures } from '../peers/http-load.ts';
import type { Office } from './office.ts';
import { sendLoad } from './spawn-load.ts';

/** The load sends a second's requests as fast as they are answered, so many at once. */
const CONNECTIONS = 4;
/** Until code is compiled, as it is in a gateway that has worked a minute. */
export const WARM_SINGLES = 400;

/** Issues these licences at so many a second, the first of them before the clock is read; all of them, or it throws. */
export async function issueSingles(
  office: Office,
  drivers: readonly SampleDriver[],
  rate: number,
): Promise<LoadFigures> {
  await issueAll(office, drivers.slice(0, WARM_SINGLES), rate);
  return issueAll(office, drivers.slice(WARM_SINGLES), rate);
}

async function issueAll(
  office: Office,
  drivers: readonly SampleDriver[],
  rate: number,
): Promise<LoadFigures> {
  const figures = await sendLoad({
    url: `${office.url}/v1/licences`,
    headers: { ...office.headers, 'content-type': 'application/json' },
    bodies: drivers.map((fields) => JSON.stringify({ type: 'driving', fields })),
    connections: CONNECTIONS,
    seconds: drivers.length / rate,
    rate,
    once: true,
  });
  if (figures.answered !== drivers.length) throw new Error('not every licence was issued');
  return figures;
}
