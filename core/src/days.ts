// SPDX-License-Identifier: Apache-2.0
// Days of Beijing time: what a licence calls a date (docs/credential-format.md §1).
import { daysOfDate, formatCalendarDate, dateOfDays } from './identifiers/calendar-date.ts';
import { readCalendarDate } from './identifiers/calendar-date.ts';

const BEIJING_OFFSET = 8 * 3600;
const SECONDS_A_DAY = 86_400;

/** Day in Beijing of a unix time in seconds. */
export function dayAt(unixSeconds: number): number {
  return Math.floor((unixSeconds + BEIJING_OFFSET) / SECONDS_A_DAY);
}

/** Unix time in seconds at which a day begins in Beijing. */
export function startOfDay(day: number): number {
  return day * SECONDS_A_DAY - BEIJING_OFFSET;
}

/** Day of a `YYYY-MM-DD` (or `YYYYMMDD`) text, or undefined when it is not a date. */
export function parseDay(text: string): number | undefined {
  const date = readCalendarDate(text);
  return date === undefined ? undefined : daysOfDate(date);
}

/** `YYYY-MM-DD` of a day. */
export function formatDay(day: number): string {
  return formatCalendarDate(dateOfDays(day));
}
