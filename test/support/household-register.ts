// SPDX-License-Identifier: Apache-2.0
// A fourth licence type, the household register (居民户口簿): data only, for tests that take it through the whole line.
import { defineType } from '@zhenglian/core/types/definition';

export const HOUSEHOLD_REGISTER = defineType({
  code: 'household-register',
  number: 4,
  version: 1,
  identifierCode: '11100000000013127D099',
  label: { zh: '居民户口簿', en: 'Household register' },
  holder: 'person',
  subject: 'headNumber',
  name: 'headName',
  validity: { from: 'issuedOn' },
  documentDays: 3650,
  deviceDays: 365,
  pendingRelease: false,
  tree: [
    ['headName', 'headNumber'],
    [
      ['householdKind', 'members'],
      ['issuedOn', ['serial', 'version']],
    ],
  ],
  slots: [
    { name: 'headName', kind: 'text', label: { zh: '户主', en: 'Head' }, required: true, max: 50 },
    {
      name: 'headNumber',
      kind: 'citizen-id',
      label: { zh: '户主公民身份号码', en: 'Citizen number' },
      required: true,
      sensitive: true,
    },
    {
      name: 'householdKind',
      kind: 'code',
      label: { zh: '户别', en: 'Kind' },
      required: true,
      values: new Map([
        [1, { zh: '家庭户', en: 'family' }],
        [2, { zh: '集体户', en: 'collective' }],
      ]),
    },
    { name: 'members', kind: 'digest', label: { zh: '成员页', en: 'Members' } },
    { name: 'issuedOn', kind: 'date', label: { zh: '签发日期', en: 'Issued on' }, required: true },
    { name: 'serial', kind: 'serial', label: { zh: '流水号', en: 'Serial' }, required: true },
    { name: 'version', kind: 'version', label: { zh: '版本号', en: 'Version' }, required: true },
  ],
  sets: [
    {
      name: 'full',
      label: { zh: '全部', en: 'Everything' },
      slots: ['headName', 'headNumber', 'householdKind', 'issuedOn', 'serial', 'version'],
    },
  ],
  constraints: [],
});
