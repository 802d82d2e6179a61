// SPDX-License-Identifier: Apache-2.0
// Sample people with resident identity cards: area 999999, which nobody living has; validity by the age
// at issue (Resident Identity Card Law). Person i depends on the seed alone, not on how many are asked for.
import {
  daysOfDate,
  dateOfDays,
  formatCalendarDate,
  isCalendarDate,
} from '@zhenglian/core/identifiers/calendar-date';
import { ageOn, formatCitizenId } from '@zhenglian/core/identifiers/citizen-id';
import { TEST_AREA } from '@zhenglian/core/identifiers/division';
import { makeName } from './samples-names.ts';
import { makeHomeAddress } from './samples-places.ts';
import { createSampleRandom } from './samples-random.ts';

import type { CalendarDate } from '@zhenglian/core/identifiers/calendar-date';
import type { SampleRandom } from './samples-random.ts';

/** One line of resident-id.csv. */
export type SamplePerson = Readonly<{
  name: string;
  sex: string;
  ethnicity: string;
  birthDate: string;
  address: string;
  idNumber: string;
  validFrom: string;
  validTo: string;
}>;

/** Samples know no clock: they are as of this day, and valid for two years after it at least. */
export const SAMPLE_DAY = daysOfDate({ year: 2026, month: 1, day: 1 });

/** What stands for an end that never comes. */
export const OPEN_ENDED = '长期';

const YEAR = 365.25;
const ETHNICITIES = ['01', '03', '05', '04', '02', '17', '08', '11', '06', '15', '10', '30'];
const ETHNICITY_WEIGHTS = [900, 20, 14, 10, 10, 6, 14, 10, 8, 6, 4, 2];

/** Generates the first `count` people of a seed. */
export function generatePeople(seed: string, count: number): SamplePerson[] {
  const people = [];
  for (const person of eachPerson(seed)) {
    if (people.length === count) break;
    people.push(person);
  }
  return people;
}

/** The people of a seed, without end. */
export function* eachPerson(seed: string): Generator<SamplePerson, never> {
  const random = createSampleRandom(`${seed}/people`);
  const taken = new Set<string>();
  for (;;) {
    const person = makePerson(random);
    if (taken.has(person.idNumber)) continue;
    taken.add(person.idNumber);
    yield person;
  }
}

/** The same day some years later; 29 February becomes the 28th where there is none. */
export function addYears(date: CalendarDate, years: number): CalendarDate {
  const later = { ...date, year: date.year + years };
  return isCalendarDate(later) ? later : { ...later, day: later.day - 1 };
}

function makePerson(random: SampleRandom): SamplePerson {
  const sex = random.chance(0.51) ? 1 : 2;
  const ethnicity = random.pick(ETHNICITIES, ETHNICITY_WEIGHTS);
  const age = random.pick([8, 16, 26, 46, 66], [8, 20, 32, 30, 10]) + random.below(20);
  const birthDate = dateOfDays(Math.floor(SAMPLE_DAY - age * YEAR - random.below(365) - 1));
  const sequence = random.below(500) * 2 + (sex === 1 ? 1 : 0);
  return {
    name: makeName(random, ethnicity, sex),
    sex: String(sex),
    ethnicity,
    birthDate: formatCalendarDate(birthDate),
    address: makeHomeAddress(random),
    idNumber: formatCitizenId({ area: TEST_AREA, birthDate, sequence }),
    ...makeValidity(random, birthDate),
  };
}

function makeValidity(
  random: SampleRandom,
  birthDate: CalendarDate,
): Pick<SamplePerson, 'validFrom' | 'validTo'> {
  let back = random.below(12 * 365);
  for (;;) {
    const from = dateOfDays(SAMPLE_DAY - back);
    const age = ageOn(birthDate, daysOfDate(from));
    const to = age >= 46 ? undefined : addYears(from, age < 16 ? 5 : age < 26 ? 10 : 20);
    const lasts = to === undefined || daysOfDate(to) > SAMPLE_DAY + 2 * 366;
    if (age >= 1 && lasts) {
      return {
        validFrom: formatCalendarDate(from),
        validTo: to === undefined ? OPEN_ENDED : formatCalendarDate(to),
      };
    }
    back = Math.floor(back / 2);
  }
}
