// SPDX-License-Identifier: Apache-2.0
// Sample data: repeatable, valid to the letter of the identifiers, nobody's; and the command that writes it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { daysOfDate, readCalendarDate } from '../../core/src/identifiers/calendar-date.ts';
import { ageOn, parseCitizenId } from '../../core/src/identifiers/citizen-id.ts';
import { parseFields } from '../../core/src/fields.ts';
import { BUSINESS } from '../../core/src/types/business.ts';
import { DRIVING } from '../../core/src/types/driving.ts';
import { RESIDENT_ID } from '../../core/src/types/resident-id.ts';
import { isTestArea } from '../../core/src/identifiers/division.ts';
import { parseFileNumber } from '../../core/src/identifiers/file-number.ts';
import { parseUscc } from '../../core/src/identifiers/uscc.ts';
import { SAMPLE_DAY } from '../../scripts/samples-people.ts';
import {
  encodeCsv,
  generateBusinesses,
  generateDrivers,
  generatePeople,
  generateSamples,
} from '../../scripts/samples.ts';

const PEOPLE = generatePeople('1', 1000);
const BUSINESSES = generateBusinesses('1', 200);
const DRIVERS = generateDrivers('1', 500);

describe('scripts/samples', () => {
  it('gives the same for the same seed, and other people for another', () => {
    expect(generatePeople('1', 1000)).to.deep.equal(PEOPLE);
    expect(generateBusinesses('1', 200)).to.deep.equal(BUSINESSES);
    expect(generatePeople('1', 10)).to.deep.equal(PEOPLE.slice(0, 10));
    expect(generateDrivers('1', 10)).to.deep.equal(DRIVERS.slice(0, 10));
    expect(generatePeople('2', 10)).to.not.deep.equal(PEOPLE.slice(0, 10));
  });

  it('makes as many as asked for, each number once', () => {
    expect(new Set(PEOPLE.map((p) => p.idNumber)).size).to.equal(1000);
    expect(new Set(BUSINESSES.map((b) => b.uscc)).size).to.equal(200);
    expect(new Set(DRIVERS.map((d) => d.fileNo)).size).to.equal(500);
    expect(new Set(DRIVERS.map((d) => d.licenceNo)).size).to.equal(500);
    expect(generatePeople('1', 0)).to.deep.equal([]);
  });

  it('makes people whose number, birth date and sex agree, of the test area', () => {
    for (const person of PEOPLE) {
      const id = parseCitizenId(person.idNumber, { today: SAMPLE_DAY });
      expect(isTestArea(id.area)).to.equal(true);
      expect(String(id.sex)).to.equal(person.sex);
      expect(readCalendarDate(person.birthDate)).to.deep.equal(id.birthDate);
      expect(person.address.length, person.address).to.be.within(10, 35);
      expect(person.name.length).to.be.within(2, 15);
      expect(person.name).to.equal(person.name.normalize('NFC'));
    }
    expect(PEOPLE.filter((p) => p.name.includes('\u00b7')).length).to.be.greaterThan(5);
    expect(new Set(PEOPLE.map((p) => p.ethnicity)).size).to.be.greaterThan(8);
    expect(new Set(PEOPLE.map((p) => p.address.length)).size).to.be.greaterThan(12);
  });

  it('gives cards the validity of the age at issue, with two years to run', () => {
    const terms = new Set<number>();
    for (const person of PEOPLE) {
      const [born, from] = [dateOf(person.birthDate), dateOf(person.validFrom)];
      const age = ageOn(born, daysOfDate(from));
      if (person.validTo === '长期') {
        expect(age).to.be.at.least(46);
        continue;
      }
      const to = dateOf(person.validTo);
      const years = to.year - from.year;
      terms.add(years);
      expect(years).to.equal(age < 16 ? 5 : age < 26 ? 10 : 20);
      expect(age).to.be.below(46);
      expect(daysOfDate(to)).to.be.greaterThan(SAMPLE_DAY + 730);
    }
    expect([...terms].sort((a, b) => a - b)).to.deep.equal([5, 10, 20]);
  });

  it('makes businesses with valid codes of the test area and scopes short and long', () => {
    for (const business of BUSINESSES) {
      const code = parseUscc(business.uscc);
      expect(isTestArea(code.area)).to.equal(true);
      expect(code.department).to.equal('9');
      expect(dateOf(business.establishedOn).year).to.be.within(1994, 2026);
      expect(business.issuedOn >= business.establishedOn).to.equal(true);
      expect(business.name.length).to.be.within(6, 100);
      expect(business.address.length).to.be.within(10, 200);
    }
    const lengths = BUSINESSES.map((b) => b.businessScope.length);
    expect(Math.min(...lengths)).to.be.below(120);
    expect(Math.max(...lengths)).to.be.within(300, 4000);
  });

  it('makes drivers of adults among the people, with 6 years, 10 years or an open end', () => {
    const people = new Map(PEOPLE.map((p) => [p.idNumber, p]));
    const terms = new Set<number | string>();
    for (const driver of DRIVERS) {
      expect(people.get(driver.licenceNo)?.name).to.equal(driver.name);
      expect(parseFileNumber(driver.fileNo).area).to.equal('9999');
      const [born, first] = [dateOf(driver.birthDate), dateOf(driver.firstIssuedOn)];
      expect(ageOn(born, daysOfDate(first))).to.be.at.least(18);
      expect(driver.classes).to.match(/^([ABC][1-6]|[DEFMNP])+$/);
      const from = dateOf(driver.validFrom);
      const since = from.year - first.year;
      const term = driver.validTo === '长期' ? '长期' : dateOf(driver.validTo).year - from.year;
      terms.add(term);
      expect(since).to.equal(term === 6 ? 0 : term === 10 ? 6 : 16);
    }
    expect(terms).to.deep.equal(new Set([6, 10, '长期']));
    expect(DRIVERS.some((d) => d.hearingAid === 'true')).to.equal(true);
  });

  it('quotes what CSV must quote', () => {
    const rows = [{ a: 'x,"y"', b: 'line\nbreak' }, { a: '张三' }];
    expect(encodeCsv('a,b', rows)).to.equal('a,b\n"x,""y""","line\nbreak"\n张三,\n');
  });

  it('writes the files with the field names as headers', () => {
    const files = generateSamples('1', { people: 3, businesses: 2, drivers: 1 });
    expect(files.map((f) => [f.name, f.rows, f.text.split('\n').length])).to.deep.equal([
      ['resident-id.csv', 3, 5],
      ['business.csv', 2, 4],
      ['driving.csv', 1, 3],
    ]);
    for (const { text } of files) {
      const [header = '', row = ''] = text.split('\n');
      expect(row.split(',')).to.have.length(header.split(',').length);
    }
  });
});

describe('scripts/samples and the licence types', () => {
  const context = { today: SAMPLE_DAY, testIdentities: true };

  it('gives rows that every type admits on a network with test identities', () => {
    for (const person of PEOPLE) parseFields(RESIDENT_ID, person, context);
    for (const driver of DRIVERS) parseFields(DRIVING, driver, context);
    for (const { businessScope, ...business } of BUSINESSES) {
      expect(businessScope).to.not.equal('');
      parseFields(BUSINESS, business, context);
    }
  });

  it('gives rows that no type admits elsewhere', () => {
    const real = { ...context, testIdentities: false };
    for (const person of PEOPLE.slice(0, 5)) {
      expect(() => parseFields(RESIDENT_ID, person, real)).to.throw(/^FIELD_INVALID: /);
    }
  });
});

describe('npm run samples', () => {
  it('writes files and reports them; --help, wrong options and an unwritable folder', () => {
    const out = mkdtempSync(join(tmpdir(), 'samples '));
    try {
      const done = samples('--out', out, '--people', '5', '--drivers', '2', '--json');
      expect(done.status).to.equal(0);
      const report: unknown = JSON.parse(done.stdout);
      expect(report).to.have.nested.property('files[0].rows', 5);
      expect(readFileSync(join(out, 'driving.csv'), 'utf8').split('\n')).to.have.length(4);
      expect(samples('--help').stdout).to.include('--seed');
      expect(samples('--people', 'many').status).to.equal(2);
      expect(samples('--nonsense').status).to.equal(2);
      expect(samples('--out', join(out, 'driving.csv', 'below')).status).to.equal(1);
    } finally {
      rmSync(out, { recursive: true });
    }
  });
});

function dateOf(text: string) {
  const date = readCalendarDate(text);
  if (date === undefined) throw new Error(`not a date: ${text}`);
  return date;
}

function samples(...args: string[]) {
  const script = fileURLToPath(new URL('../../scripts/samples-main.ts', import.meta.url));
  return spawnSync(process.execPath, ['--import', 'tsx', script, ...args], { encoding: 'utf8' });
}
