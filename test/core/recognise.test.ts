// SPDX-License-Identifier: Apache-2.0
// Recognition follows the rule's data alone: each case differs from the recognised one by data, not by code.
import { expect } from 'chai';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import type { CborInput } from '@zhenglian/core/cbor';
import { receiptPayload, recognise } from '@zhenglian/core/recognise';
import type { Recognition } from '@zhenglian/core/recognise';
import { parseRecognitionRule, ruleHash } from '@zhenglian/core/records/rule';
import type { Report, ReportLicence } from '@zhenglian/core/report';
import { NOON, TODAY, USCC } from '../support/evidence-maker.ts';

const label = { zh: '浙粤互认', en: 'rule' };
const LICENCE: ReportLicence = {
  type: 'driving',
  typeVersion: 1,
  label,
  issuer: { uscc: USCC, name: label, msp: 'P33' },
  kid: '',
  epoch: 1,
  index: 3,
  firstDay: TODAY,
  lastDay: TODAY,
  fields: [
    { name: 'classes', label, text: 'C1' },
    { name: 'validTo', label, text: '2031-05-01' },
  ],
};
const REPORT: Report = {
  verdict: 'VALID',
  act: 'roadside',
  at: NOON,
  holder: 'document',
  checks: [],
  evidence: {},
  licence: LICENCE,
};
const RULE: Readonly<Record<string, CborInput>> = {
  version: 1,
  from: 'P33',
  to: 'P44',
  type: 'driving',
  authorities: ['1133'],
  acts: ['roadside'],
  condition: { in: [{ var: 'licence.classes' }, ['C1', 'C2']] },
  mapping: { classes: { as: 'vehicleClass', values: { C1: 'small car' } } },
  notBefore: TODAY,
  notAfter: TODAY,
  label,
};

function apply(
  change: Readonly<Record<string, CborInput>>,
  report: Partial<Report> = {},
): Recognition {
  const rule = parseRecognitionRule(decodeCbor(encodeCbor({ ...RULE, ...change })));
  return recognise({ report: { ...REPORT, ...report }, rule, accepter: 'P44', now: NOON });
}

describe('recognition', () => {
  it('accepts under a rule that is met, in the accepter’s own words', () => {
    expect(apply({})).to.eql({
      outcome: 'recognised',
      reason: 'RULE_MET',
      fields: [
        { name: 'vehicleClass', text: 'small car' },
        { name: 'validTo', text: '2031-05-01' },
      ],
    });
  });

  it('maps a code that the rule writes as a number', () => {
    const mapping = { classes: { as: 'sex', values: { 1: 'M', 2: 'F' } } };
    const coded = { ...LICENCE, fields: [{ name: 'classes', label, text: '1' }] };
    const { fields } = apply({ mapping, condition: true }, { licence: coded });
    expect(fields).to.eql([{ name: 'sex', text: 'M' }]);
  });

  const cases: readonly (readonly [string, string, Readonly<Record<string, CborInput>>])[] = [
    ['unknown', 'RULE_NOT_YET', { notBefore: TODAY + 1 }],
    ['unknown', 'RULE_EXPIRED', { notAfter: TODAY - 1 }],
    ['unknown', 'RULE_ACT', { acts: ['general'] }],
    ['refused', 'RULE_AUTHORITY', { authorities: ['1144'] }],
    ['refused', 'RULE_CONDITION', { condition: { in: [{ var: 'licence.classes' }, ['A1']] } }],
    [
      'unknown',
      'RULE_CONDITION_UNKNOWN',
      { condition: { '===': [{ var: 'licence.address' }, 'x'] } },
    ],
    ['unknown', 'RULE_CONDITION_UNKNOWN', { condition: { '!': [{ var: 'licence.toString' }] } }],
    ['unknown', 'RULE_CONDITION_UNKNOWN', { condition: { explode: [1] } }],
    ['unknown', 'RULE_CONDITION_UNKNOWN', { condition: { '+': [1, 2] } }],
    ['recognised', 'RULE_MET', { acts: [], authorities: [] }],
    [
      'recognised',
      'RULE_MET',
      {
        condition: {
          before: [
            { plusTime: [{ var: 'today' }, 0, 'day'] },
            { plusTime: [{ var: 'licence.validTo' }, 0, 'day'] },
          ],
        },
      },
    ],
  ];
  for (const [outcome, reason, change] of cases) {
    it(`is ${outcome} when only the data differs: ${JSON.stringify(change).slice(0, 60)}`, () => {
      expect(apply(change)).to.include({ outcome, reason });
    });
  }

  it('tells which part of a condition stood in the way, and which field was not shown', () => {
    const classes = { in: [{ var: 'licence.classes' }, ['C1']] };
    const until = { '===': [{ var: 'licence.validTo' }, '2030-01-01'] };
    const address = { '===': [{ var: 'licence.address' }, 'x'] };
    const refused = apply({ condition: { and: [classes, { and: [until] }] } });
    expect(refused.conditions).to.eql([
      { logic: classes, fields: ['classes'], outcome: 'met' },
      { logic: until, fields: ['validTo'], outcome: 'unmet' },
    ]);
    const open = apply({ condition: { and: [classes, address] } });
    expect(open.conditions?.map((part) => [part.outcome, ...part.fields])).to.eql([
      ['met', 'classes'],
      ['unknown', 'address'],
    ]);
    expect(apply({})).not.to.have.property('conditions');
  });

  it('is unknown without a rule, an issuer or a verdict, and refused of what is not valid', () => {
    const question = { report: REPORT, accepter: 'P44', now: NOON };
    expect(recognise(question)).to.include({ outcome: 'unknown', reason: 'NO_RULE' });
    expect(recognise({ ...question, accepter: 'P33' })).to.include({ reason: 'SAME_PROVINCE' });
    const unnamed = { ...LICENCE, issuer: null };
    expect(recognise({ ...question, report: { ...REPORT, licence: unnamed } })).to.include({
      reason: 'ISSUER_UNKNOWN',
    });
    expect(apply({}, { verdict: 'UNDETERMINED' })).to.include({ reason: 'VERDICT_OPEN' });
    for (const verdict of ['REVOKED', 'SUSPENDED', 'INVALID'] as const) {
      expect(apply({}, { verdict })).to.include({ outcome: 'refused', reason: 'NOT_VALID' });
    }
  });

  it('hashes a rule by its data, and writes receipts that name nobody', () => {
    const of = (change: Readonly<Record<string, CborInput>>) =>
      ruleHash(parseRecognitionRule(decodeCbor(encodeCbor({ ...RULE, ...change }))));
    expect(of({})).to.eql(of({}));
    expect(of({})).not.to.eql(of({ acts: [] }));
    const receipt = {
      from: 'P33',
      to: 'P44',
      type: 'driving',
      ruleHash: of({}),
      argument: new Uint8Array(32),
      act: 'roadside',
      at: NOON,
    };
    expect(decodeCbor(receiptPayload(receipt))).to.have.length(8);
  });
});
