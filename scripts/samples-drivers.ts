// SPDX-License-Identifier: Apache-2.0
// Sample driving licences: the adults among the sample people, with classes their age admits and the
// validity of six years, ten years, open-ended in turn (decree 162 as amended by 172).
import {
  daysOfDate,
  dateOfDays,
  formatCalendarDate,
  readCalendarDate,
} from '@zhenglian/core/identifiers/calendar-date';
import { ageOn } from '@zhenglian/core/identifiers/citizen-id';
import { TEST_AREA } from '@zhenglian/core/identifiers/division';
import { formatFileNumber } from '@zhenglian/core/identifiers/file-number';
import { addYears, eachPerson, OPEN_ENDED, SAMPLE_DAY } from './samples-people.ts';
import { createSampleRandom } from './samples-random.ts';

import type { CalendarDate } from '@zhenglian/core/identifiers/calendar-date';
import type { SamplePerson } from './samples-people.ts';
import type { SampleRandom } from './samples-random.ts';

/** One line of driving.csv. */
export type SampleDriver = Readonly<{
  name: string;
  sex: string;
  birthDate: string;
  nationality: string;
  address: string;
  licenceNo: string;
  firstIssuedOn: string;
  classes: string;
  validFrom: string;
  validTo: string;
  fileNo: string;
  hearingAid: string;
}>;

const ADULT = 18;
const HEAVY = 24;
const SENIOR = 63;
const LIGHT_CLASSES = ['C1', 'C2', 'C1E', 'C1D', 'C2E', 'C1C6', 'C3', 'D', 'E', 'F', 'C5'];
const LIGHT_WEIGHTS = [640, 150, 60, 40, 10, 20, 10, 20, 20, 5, 5];
const HEAVY_CLASSES = [
  'A1',
  'A2',
  'A1A2',
  'A1A2D',
  'A2D',
  'A2E',
  'A3',
  'B1',
  'B1B2',
  'B2',
  'B2D',
  'C1M',
];

/** Generates the first `count` driving licences of a seed; their holders are people of the same seed. */
export function generateDrivers(seed: string, count: number): SampleDriver[] {
  const random = createSampleRandom(`${seed}/drivers`);
  const serials = new Set<string>();
  const drivers = [];
  for (const person of eachPerson(seed)) {
    if (drivers.length === count) break;
    const birthDate = readCalendarDate(person.birthDate);
    if (birthDate === undefined || ageOn(birthDate, SAMPLE_DAY) < ADULT) continue;
    drivers.push(makeDriver(random, person, birthDate, serials));
  }
  return drivers;
}

function makeDriver(
  random: SampleRandom,
  person: SamplePerson,
  birthDate: CalendarDate,
  serials: Set<string>,
): SampleDriver {
  const age = ageOn(birthDate, SAMPLE_DAY);
  const first = pickFirstDay(random, birthDate);
  return {
    name: person.name,
    sex: person.sex,
    birthDate: person.birthDate,
    nationality: '中国',
    address: person.address,
    licenceNo: person.idNumber,
    firstIssuedOn: formatCalendarDate(first),
    classes: pickClasses(random, age),
    ...validityOf(first),
    fileNo: pickFileNumber(random, serials),
    hearingAid: String(random.chance(0.01)),
  };
}

/** A first day, at least at 18, whose present term still has two years to run. */
function pickFirstDay(random: SampleRandom, birthDate: CalendarDate): CalendarDate {
  const grown = daysOfDate(addYears(birthDate, ADULT));
  for (;;) {
    const first = dateOfDays(random.between(Math.max(grown, SAMPLE_DAY - 40 * 365), SAMPLE_DAY));
    const { validTo } = validityOf(first);
    const end = readCalendarDate(validTo);
    if (end === undefined || daysOfDate(end) > SAMPLE_DAY + 2 * 366) return first;
  }
}

function validityOf(first: CalendarDate): Pick<SampleDriver, 'validFrom' | 'validTo'> {
  const [second, third] = [addYears(first, 6), addYears(first, 16)];
  if (daysOfDate(third) <= SAMPLE_DAY) {
    return { validFrom: formatCalendarDate(third), validTo: OPEN_ENDED };
  }
  const [from, to] = daysOfDate(second) <= SAMPLE_DAY ? [second, third] : [first, second];
  return { validFrom: formatCalendarDate(from), validTo: formatCalendarDate(to) };
}

function pickClasses(random: SampleRandom, age: number): string {
  const heavy = age >= HEAVY && age < SENIOR && random.chance(0.15);
  return heavy ? random.pick(HEAVY_CLASSES) : random.pick(LIGHT_CLASSES, LIGHT_WEIGHTS);
}

function pickFileNumber(random: SampleRandom, serials: Set<string>): string {
  for (;;) {
    const serial = String(random.below(100_000_000)).padStart(8, '0');
    if (serials.has(serial)) continue;
    serials.add(serial);
    return formatFileNumber({ area: TEST_AREA.slice(0, 4), serial });
  }
}
