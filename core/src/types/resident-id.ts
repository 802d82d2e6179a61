// SPDX-License-Identifier: Apache-2.0
// 居民身份证 as data: fields of the Resident Identity Card Law arts. 3 and 5, and the derived ages.
import { defineType } from './definition.ts';
import { ETHNIC_GROUPS } from './ethnic-groups.ts';
import { SEXES } from './sexes.ts';

/** The resident identity card, version 1. */
export const RESIDENT_ID = defineType({
  code: 'resident-id',
  number: 1,
  version: 1,
  identifierCode: '11100000000013127D001',
  label: { zh: '居民身份证', en: 'Resident identity card' },
  holder: 'person',
  subject: 'idNumber',
  name: 'name',
  validity: { from: 'validFrom', to: 'validTo' },
  documentDays: 3650,
  deviceDays: 365,
  pendingRelease: false,
  tree: [
    [
      ['atLeast16', 'atLeast18'],
      ['atLeast60', 'spare1'],
    ],
    [
      ['photo', ['address', 'ethnicity']],
      [
        [
          ['name', 'idNumber'],
          ['validFrom', 'validTo'],
        ],
        [
          ['sex', 'birthDate'],
          ['serial', 'version'],
        ],
      ],
    ],
  ],
  slots: [
    { name: 'name', kind: 'text', label: { zh: '姓名', en: 'Name' }, required: true, max: 50 },
    { name: 'sex', kind: 'code', label: { zh: '性别', en: 'Sex' }, required: true, values: SEXES },
    {
      name: 'ethnicity',
      kind: 'code',
      label: { zh: '民族', en: 'Ethnic group' },
      required: true,
      values: ETHNIC_GROUPS,
      sensitive: true,
    },
    { name: 'birthDate', kind: 'date', label: { zh: '出生', en: 'Date of birth' }, required: true },
    {
      name: 'address',
      kind: 'text',
      label: { zh: '住址', en: 'Address' },
      required: true,
      max: 70,
      sensitive: true,
    },
    {
      name: 'idNumber',
      kind: 'citizen-id',
      label: { zh: '公民身份号码', en: 'Citizen number' },
      required: true,
      sensitive: true,
    },
    { name: 'photo', kind: 'digest', label: { zh: '相片', en: 'Photo' }, sensitive: true },
    {
      name: 'validFrom',
      kind: 'date',
      label: { zh: '有效期起', en: 'Valid from' },
      required: true,
    },
    {
      name: 'validTo',
      kind: 'end-date',
      label: { zh: '有效期止', en: 'Valid to' },
      required: true,
    },
    { name: 'atLeast16', kind: 'at-least', label: { zh: '年满16周岁', en: 'At least 16' } },
    { name: 'atLeast18', kind: 'at-least', label: { zh: '年满18周岁', en: 'At least 18' } },
    { name: 'atLeast60', kind: 'at-least', label: { zh: '年满60周岁', en: 'At least 60' } },
    { name: 'spare1', kind: 'spare', label: { zh: '备用', en: 'Spare' } },
    { name: 'serial', kind: 'serial', label: { zh: '流水号', en: 'Serial' }, required: true },
    { name: 'version', kind: 'version', label: { zh: '版本号', en: 'Version' }, required: true },
  ],
  sets: [
    {
      name: 'full',
      label: { zh: '全部信息', en: 'Everything' },
      qrVersion: 15,
      slots: [
        'address',
        'ethnicity',
        'name',
        'idNumber',
        'validFrom',
        'validTo',
        'sex',
        'birthDate',
        'serial',
        'version',
      ],
      drop: ['address', 'ethnicity'],
    },
    {
      name: 'counter',
      label: { zh: '窗口核验', en: 'Counter' },
      qrVersion: 14,
      slots: ['name', 'idNumber', 'validFrom', 'validTo', 'sex', 'birthDate', 'serial', 'version'],
    },
    {
      name: 'age',
      label: { zh: '只证明年满18周岁', en: 'At least 18, nothing else' },
      slots: ['atLeast18'],
    },
  ],
  constraints: [
    { rule: 'birth-date-of', slot: 'birthDate', from: 'idNumber' },
    { rule: 'sex-of', slot: 'sex', from: 'idNumber' },
    { rule: 'at-least', slot: 'atLeast16', from: 'birthDate', years: 16 },
    { rule: 'at-least', slot: 'atLeast18', from: 'birthDate', years: 18 },
    { rule: 'at-least', slot: 'atLeast60', from: 'birthDate', years: 60 },
    { rule: 'ends-after', slot: 'validTo', from: 'validFrom' },
  ],
});
