// SPDX-License-Identifier: Apache-2.0
// Driving licences by number, each of another holder however many are asked for: a thousand holders a birthday, from 1960
// on. So a file of millions of lines can be sent without being held, and no two rounds of a long test meet one person.
import { Readable } from 'node:stream';
import {
  dateOfDays,
  daysOfDate,
  formatCalendarDate,
} from '@zhenglian/core/identifiers/calendar-date';
import type { CalendarDate } from '@zhenglian/core/identifiers/calendar-date';
import { formatCitizenId } from '@zhenglian/core/identifiers/citizen-id';
import { TEST_AREA } from '@zhenglian/core/identifiers/division';
import { DRIVING_HEADER, encodeCsv } from './samples.ts';
import type { SampleDriver } from './samples-drivers.ts';

const A_BIRTHDAY = 1000;
const FIRST_BIRTHDAY = daysOfDate({ year: 1960, month: 1, day: 1 });
const LINES_AT_ONCE = 1000;

/** The licence of a number from 0 to 9,999,999. */
export function numberedDriver(n: number): SampleDriver {
  const birthday = birthdayOf(n);
  const eight = String(n).padStart(8, '0');
  return {
    name: `王${eight}`,
    sex: n % 2 === 1 ? '1' : '2',
    birthDate: formatCalendarDate(birthday),
    nationality: '156',
    address: `浙江省杭州市西湖区文三路${eight}号`,
    licenceNo: holderOf(n),
    firstIssuedOn: '2015-05-01',
    classes: 'C1',
    validFrom: '2021-05-01',
    validTo: '2031-05-01',
    fileNo: `3301${eight}`,
    hearingAid: 'false',
  };
}

/** Those from one number up to another. */
export function numberedDrivers(from: number, until: number): readonly SampleDriver[] {
  return Array.from({ length: until - from }, (_, i) => numberedDriver(from + i));
}

/** The ID number of the holder of a number. */
export function holderOf(n: number): string {
  return formatCitizenId({
    area: TEST_AREA,
    birthDate: birthdayOf(n),
    sequence: n % A_BIRTHDAY,
  });
}

/** A CSV file of the licences from one number up to another. */
export function numberedDriverFile(from: number, until: number): Readable {
  return Readable.from(pieces(from, until));
}

function* pieces(from: number, until: number): Iterable<string> {
  yield `${DRIVING_HEADER}\n`;
  for (let at = from; at < until; at += LINES_AT_ONCE) {
    const csv = encodeCsv(DRIVING_HEADER, numberedDrivers(at, Math.min(at + LINES_AT_ONCE, until)));
    yield csv.slice(DRIVING_HEADER.length + 1);
  }
}

function birthdayOf(n: number): CalendarDate {
  return dateOfDays(FIRST_BIRTHDAY + Math.floor(n / A_BIRTHDAY));
}
