// SPDX-License-Identifier: Apache-2.0
// Calendar dates and their day numbers.
import { expect } from 'chai';
import fc from 'fast-check';
import {
  dateOfDays,
  daysOfDate,
  formatCalendarDate,
  isCalendarDate,
  readCalendarDate,
} from '../../../core/src/identifiers/calendar-date.ts';

describe('core/identifiers/calendar-date', () => {
  it('counts days from 1970-01-01', () => {
    expect(daysOfDate({ year: 1970, month: 1, day: 1 })).to.equal(0);
    expect(daysOfDate({ year: 1969, month: 12, day: 31 })).to.equal(-1);
    expect(daysOfDate({ year: 2026, month: 1, day: 1 })).to.equal(20454);
  });

  it('reads both forms and refuses dates that do not exist', () => {
    expect(readCalendarDate('2024-02-29')).to.deep.equal({ year: 2024, month: 2, day: 29 });
    expect(readCalendarDate('19491231')).to.deep.equal({ year: 1949, month: 12, day: 31 });
    for (const text of [
      '2023-02-29',
      '1900-02-29',
      '2024-13-01',
      '2024-00-10',
      '2024-04-31',
      '2024-04-00',
      '0999-01-01',
      '2024-1-01',
      '2024-0101',
      '2024/01/01',
      '',
      '２０２４0101',
    ]) {
      expect(readCalendarDate(text), text).to.equal(undefined);
    }
  });

  it('refuses parts that are not whole numbers', () => {
    expect(isCalendarDate({ year: 2024.5, month: 1, day: 1 })).to.equal(false);
    expect(isCalendarDate({ year: 2024, month: 1.5, day: 1 })).to.equal(false);
    expect(isCalendarDate({ year: 2024, month: Number.NaN, day: 1 })).to.equal(false);
  });

  it('is its own inverse on every day of ten centuries', () => {
    fc.assert(
      fc.property(fc.integer({ min: -354_000, max: 2_932_896 }), (days) => {
        const date = dateOfDays(days);
        expect(daysOfDate(date)).to.equal(days);
        expect(readCalendarDate(formatCalendarDate(date))).to.deep.equal(date);
      }),
    );
  });
});
