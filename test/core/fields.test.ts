// SPDX-License-Identifier: Apache-2.0
// From the texts of a form to signed values, and every reason to refuse one.
import { expect } from 'chai';
import { isCodedError } from '@zhenglian/core/errors';
import { parseFields, valuesInTreeOrder } from '@zhenglian/core/fields';
import {
  copyLastDay,
  decodeCopy,
  encodeCopy,
  licenceNumber,
  slotValue,
} from '@zhenglian/core/copy';
import { formatCitizenId } from '@zhenglian/core/identifiers/citizen-id';
import { BUSINESS } from '@zhenglian/core/types/business';
import { DRIVING } from '@zhenglian/core/types/driving';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { RESIDENT_ID } from '@zhenglian/core/types/resident-id';
import { formatSlotValue, parseSlotText } from '@zhenglian/core/types/slot-value';
import { EvidenceMaker, TODAY } from '../support/evidence-maker.ts';
import { SAMPLE_FIELDS } from '../support/sample-fields.ts';

const context = { today: TODAY, testIdentities: true };

function problemsOf(
  type: TypeDefinition,
  texts: Readonly<Record<string, string>>,
  with_ = context,
): readonly string[] {
  try {
    parseFields(type, texts, with_);
  } catch (error) {
    if (!isCodedError(error, 'FIELD_INVALID')) throw error;
    const problems = error.detail as readonly { slot: string; reason: string }[];
    return problems.map(({ slot, reason }) => `${slot} ${reason}`);
  }
  return [];
}

describe('fields of a licence', () => {
  const refused: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['name missing', { name: '' }],
    ['name missing', { name: '   ' }],
    ['nickname unknown', { nickname: 'x' }],
    ['serial derived', { serial: 'A5A5A5A5A5A5A5A5' }],
    ['sex malformed', { sex: '3' }],
    ['birthDate malformed', { birthDate: '1990-02-30' }],
    ['licenceNo check-digit', { licenceNo: '999999199003070013' }],
    ['licenceNo malformed', { licenceNo: '99999919900307001' }],
    ['licenceNo malformed', { licenceNo: '999999199013070012' }],
    ['fileNo malformed', { fileNo: '33010012345' }],
    ['classes malformed', { classes: 'C1C1' }],
    ['classes malformed', { classes: 'Z1' }],
    ['hearingAid malformed', { hearingAid: 'yes' }],
    ['name malformed', { name: '王\u0000' }],
    ['name malformed', { name: '王'.repeat(51) }],
    ['address not-nfc', { address: 'e\u0301' }],
    ['birthDate contradicts', { birthDate: '1990-03-08' }],
    ['sex contradicts', { sex: '2' }],
    ['validTo contradicts', { validTo: '2021-04-30' }],
  ];
  for (const [problem, change] of refused) {
    it(`says ${problem}`, () => {
      expect(problemsOf(DRIVING, { ...SAMPLE_FIELDS, ...change })).to.eql([problem]);
    });
  }

  it('lists all problems at once and never a value', () => {
    const texts = { ...SAMPLE_FIELDS, name: '', sex: '7', nickname: '小明' };
    expect(problemsOf(DRIVING, texts)).to.eql([
      'nickname unknown',
      'name missing',
      'sex malformed',
    ]);
    try {
      parseFields(DRIVING, texts, context);
    } catch (error) {
      expect(String(error)).not.to.contain('小明');
    }
  });

  it('admits area 999999 only in a network with test identities', () => {
    const real = { ...context, testIdentities: false };
    expect(problemsOf(DRIVING, SAMPLE_FIELDS, real)).to.eql(['licenceNo test-area']);
  });

  it('refuses a birth date in the future', () => {
    const unborn = {
      ...SAMPLE_FIELDS,
      birthDate: '2090-03-07',
      licenceNo: formatCitizenId({
        area: '999999',
        birthDate: { year: 2090, month: 3, day: 7 },
        sequence: 1,
      }),
      validFrom: '2091-01-01',
      validTo: '长期',
    };
    expect(problemsOf(DRIVING, unborn)).to.include('licenceNo in-future');
  });

  it('derives ages at minting', () => {
    const person = {
      name: '阿卜杜拉·买买提',
      sex: '1',
      ethnicity: '05',
      birthDate: '1990-03-07',
      address: '新疆',
      idNumber: '999999199003070012',
      validFrom: '2021-05-01',
      validTo: '长期',
    };
    const values = parseFields(RESIDENT_ID, person, context);
    expect([16, 18, 60].map((age) => values.get(`atLeast${String(age)}`))).to.eql([
      true,
      true,
      null,
    ]);
    expect(values.get('ethnicity')).to.equal(5);
    expect(values.get('validTo')).to.equal(true);
  });

  it('writes every value as it was given', () => {
    const values = parseFields(DRIVING, SAMPLE_FIELDS, context);
    for (const slot of DRIVING.slots) {
      const given = new Map<string, string>(Object.entries(SAMPLE_FIELDS)).get(slot.name);
      if (given === undefined) continue;
      expect(formatSlotValue(slot, values.get(slot.name) ?? null)).to.equal(given);
      expect(parseSlotText(slot, given)).to.eql(values.get(slot.name));
    }
  });

  it('ends a copy at the legal end, or at the longest of its kind', () => {
    const values = parseFields(DRIVING, { ...SAMPLE_FIELDS, validTo: '2026-09-01' }, context);
    const ordered = valuesInTreeOrder(DRIVING, values, new Uint8Array(8), 1);
    expect(copyLastDay(DRIVING, ordered, TODAY, false)).to.equal(TODAY + 92);
    expect(copyLastDay(BUSINESS, [], TODAY, false)).to.equal(TODAY + 3650);
    expect(copyLastDay(BUSINESS, [], TODAY, true)).to.equal(TODAY + 365);
  });

  it('keeps a copy in bytes, and names the licence by GB/T 36904', async () => {
    const copy = (await EvidenceMaker.create()).mint(3);
    expect(decodeCopy(encodeCopy(copy))).to.eql(copy);
    expect(slotValue(DRIVING, copy.values, 'classes')).to.equal('C1');
    expect(licenceNumber(DRIVING, '11330000MADEMQ012B', copy.values)).to.match(
      /^1\.2\.156\.3005\.2\.11100000000013127D002\.11330000MADEMQ012B\.A5A5A5A5A5A5A5A5\.001\./,
    );
  });
});
