// SPDX-License-Identifier: Apache-2.0
// The sample files as text: the same seed and counts give the same bytes everywhere. Headers are the
// English field names of the licence types.
import { generateBusinesses } from './samples-businesses.ts';
import { generateDrivers } from './samples-drivers.ts';
import { generatePeople } from './samples-people.ts';

export { generateBusinesses, generateDrivers, generatePeople };

/** Values by header; a missing one is written as nothing. */
export type CsvRow = Readonly<Record<string, string>>;

/** How many of each. */
export interface SampleCounts {
  readonly people: number;
  readonly businesses: number;
  readonly drivers: number;
}

/** One generated file. */
export interface SampleFile {
  readonly name: string;
  readonly rows: number;
  readonly text: string;
}

/** The columns of a file of driving licences. */
export const DRIVING_HEADER =
  'name,sex,birthDate,nationality,address,licenceNo,firstIssuedOn,classes,validFrom,validTo,fileNo,hearingAid';

const HEADERS = {
  'resident-id.csv': 'name,sex,ethnicity,birthDate,address,idNumber,validFrom,validTo',
  'business.csv':
    'uscc,name,type,legalRep,registeredCapital,establishedOn,address,businessScope,issuedOn',
  'driving.csv': DRIVING_HEADER,
} as const;

/** What `npm run samples` makes unless told otherwise. */
export const DEFAULT_COUNTS: SampleCounts = { people: 1000, businesses: 200, drivers: 500 };

/** Generates the three CSV files of a seed. */
export function generateSamples(seed: string, counts: SampleCounts = DEFAULT_COUNTS): SampleFile[] {
  return [
    file('resident-id.csv', generatePeople(seed, counts.people)),
    file('business.csv', generateBusinesses(seed, counts.businesses)),
    file('driving.csv', generateDrivers(seed, counts.drivers)),
  ];
}

/** Writes rows as CSV (RFC 4180, LF): a value is quoted where it must be. */
export function encodeCsv(header: string, rows: readonly CsvRow[]): string {
  const names = header.split(',');
  const lines = rows.map((row) => names.map((name) => quote(row[name] ?? '')).join(','));
  return [header, ...lines, ''].join('\n');
}

function file(name: keyof typeof HEADERS, rows: readonly CsvRow[]): SampleFile {
  return { name, rows: rows.length, text: encodeCsv(HEADERS[name], rows) };
}

function quote(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
