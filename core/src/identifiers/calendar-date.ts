// SPDX-License-Identifier: Apache-2.0
// Dates of the proleptic Gregorian calendar and their day numbers (days since 1970-01-01).
// Arithmetic only: nothing here asks for the time.

const MS_PER_DAY = 86_400_000;

/** A calendar date as printed on a licence. */
export interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Tells whether a date exists; years are four digits, from 1000 to 9999. */
export function isCalendarDate(date: CalendarDate): boolean {
  const { year, month, day } = date;
  if (!Number.isInteger(year) || year < 1000 || year > 9999) return false;
  const found = dateOfDays(Date.UTC(year, month - 1, day) / MS_PER_DAY);
  return found.year === year && found.month === month && found.day === day;
}

/** Reads `YYYY-MM-DD` or `YYYYMMDD`; undefined where the text is neither or the date does not exist. */
export function readCalendarDate(text: string): CalendarDate | undefined {
  if (!/^(\d{4}-\d{2}-\d{2}|\d{8})$/.test(text)) return undefined;
  const digits = text.replaceAll('-', '');
  const date = {
    year: Number(digits.slice(0, 4)),
    month: Number(digits.slice(4, 6)),
    day: Number(digits.slice(6, 8)),
  };
  return isCalendarDate(date) ? date : undefined;
}

/** Formats a date as `YYYY-MM-DD`. */
export function formatCalendarDate(date: CalendarDate): string {
  const pad = (value: number, width: number) => String(value).padStart(width, '0');
  return `${pad(date.year, 4)}-${pad(date.month, 2)}-${pad(date.day, 2)}`;
}

/** The day number of a date: whole days since 1970-01-01, negative before. */
export function daysOfDate(date: CalendarDate): number {
  return Date.UTC(date.year, date.month - 1, date.day) / MS_PER_DAY;
}

/** The date of a day number. */
export function dateOfDays(days: number): CalendarDate {
  const at = new Date(days * MS_PER_DAY);
  return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate() };
}
