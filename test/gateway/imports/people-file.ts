// SPDX-License-Identifier: Apache-2.0
// Files of people nobody had yet, and what importing them comes to.
import { expect } from 'chai';
import { encodeCsv, generatePeople } from '../../../scripts/samples.ts';
import { eventually } from '../support.ts';
import type { Answered } from '../call-app.ts';
import type { TestGateway } from '../support.ts';

const HEADER = 'name,sex,ethnicity,birthDate,address,idNumber,validFrom,validTo';

/** Takes people of a seed one after another. */
export function peopleOf(seed: string, count: number) {
  const people = generatePeople(seed, count);
  let used = 0;
  return (wanted: number) => people.slice(used, (used += wanted));
}

export type People = ReturnType<ReturnType<typeof peopleOf>>;

/** A CSV of them. */
export function csvOf(people: People): string {
  return encodeCsv(HEADER, people);
}

/** Sends a file in one request. */
export function send(
  under: TestGateway,
  bytes: string | Uint8Array,
  query = '',
  type = 'text/csv',
): Promise<Answered> {
  return under.call('post', `/v1/imports?type=resident-id${query}`, { raw: { type, bytes } });
}

/** Waits until an import stands at a state and gives it. */
export async function untilState(
  under: TestGateway,
  id: string,
  state: string,
  milliseconds = 200_000,
): Promise<Answered['body']> {
  let body: Answered['body'];
  await eventually(async () => {
    ({ body } = await under.call('get', `/v1/imports/${id}`));
    expect(body.state).to.equal(state);
  }, milliseconds);
  return body;
}
