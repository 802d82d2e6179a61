// SPDX-License-Identifier: Apache-2.0
// Driving licences by number, so that a file of millions of lines can be sent without being held: a thousand holders a
// birthday, from 1960 on.
import { Readable } from 'node:stream';
import {
  dateOfDays,
  daysOfDate,
  formatCalendarDate,
} from '@zhenglian/core/identifiers/calendar-date';
import type { CalendarDate } from '@zhenglian/core/identifiers/calendar-date';
import { formatCitizenId } from '@zhenglian/core/identifiers/citizen-id';
import { TEST_AREA } from '@zhenglian/core/identifiers/division';
import { DRIVING_HEADER } from './import-file.ts';

const A_BIRTHDAY = 1000;
const FIRST_BIRTHDAY = daysOfDate({ year: 1960, month: 1, day: 1 });
const LINES_AT_ONCE = 1000;

/** The ID number of the holder of a line. */
export function holderOf(line: number): string {
  const sequence = line % A_BIRTHDAY;
  return formatCitizenId({ area: TEST_AREA, birthDate: birthdayOf(line), sequence });
}

/** A CSV file of the lines from one number up to another. */
export function driverFile(from: number, until: number): Readable {
  return Readable.from(pieces(from, until));
}

function* pieces(from: number, until: number): Iterable<string> {
  yield `${DRIVING_HEADER}\n`;
  for (let at = from; at < until; at += LINES_AT_ONCE) {
    const count = Math.min(LINES_AT_ONCE, until - at);
    yield Array.from({ length: count }, (_, i) => driverLine(at + i)).join('');
  }
}

function driverLine(line: number): string {
  const id = holderOf(line);
  const birthDate = formatCalendarDate(birthdayOf(line));
  const sex = line % 2 === 1 ? '1' : '2';
  const number = String(line).padStart(8, '0');
  return `王${number},${sex},${birthDate},156,浙江省杭州市西湖区文三路${number}号,${id},2015-05-01,C1,2021-05-01,2031-05-01,3301${number},false\n`;
}

function birthdayOf(line: number): CalendarDate {
  return dateOfDays(FIRST_BIRTHDAY + Math.floor(line / A_BIRTHDAY));
}
