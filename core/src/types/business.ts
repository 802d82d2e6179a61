// SPDX-License-Identifier: Apache-2.0
// 营业执照 as data: what the Company Law demands on the face; the business scope travels beside the code.
import { defineType } from './definition.ts';

/** The business licence, version 1. */
export const BUSINESS = defineType({
  code: 'business',
  number: 2,
  version: 1,
  identifierCode: '11100000MB0143028R001',
  label: { zh: '营业执照', en: 'Business licence' },
  holder: 'enterprise',
  subject: 'uscc',
  name: 'name',
  validity: { from: 'issuedOn', to: 'validTo' },
  documentDays: 3650,
  deviceDays: 365,
  pendingRelease: false,
  tree: [
    ['businessScope', ['address', 'registeredCapital']],
    [
      [
        ['uscc', 'name'],
        ['type', 'legalRep'],
      ],
      [
        ['establishedOn', ['issuedOn', 'validTo']],
        ['serial', 'version'],
      ],
    ],
  ],
  slots: [
    {
      name: 'uscc',
      kind: 'uscc',
      label: { zh: '统一社会信用代码', en: 'Unified social credit code' },
      required: true,
    },
    { name: 'name', kind: 'text', label: { zh: '名称', en: 'Name' }, required: true, max: 100 },
    { name: 'type', kind: 'text', label: { zh: '类型', en: 'Type' }, required: true, max: 40 },
    {
      name: 'legalRep',
      kind: 'text',
      label: { zh: '法定代表人（经营者、负责人）', en: 'Legal representative' },
      required: true,
      max: 50,
    },
    {
      name: 'registeredCapital',
      kind: 'text',
      label: { zh: '注册资本', en: 'Registered capital' },
      max: 40,
    },
    {
      name: 'establishedOn',
      kind: 'date',
      label: { zh: '成立日期', en: 'Established on' },
      required: true,
    },
    {
      name: 'address',
      kind: 'text',
      label: { zh: '住所', en: 'Address' },
      required: true,
      max: 200,
    },
    { name: 'businessScope', kind: 'digest', label: { zh: '经营范围', en: 'Business scope' } },
    {
      name: 'issuedOn',
      kind: 'date',
      label: { zh: '登记日期', en: 'Registered on' },
      required: true,
    },
    { name: 'validTo', kind: 'end-date', label: { zh: '营业期限止', en: 'Term ends' } },
    { name: 'serial', kind: 'serial', label: { zh: '流水号', en: 'Serial' }, required: true },
    { name: 'version', kind: 'version', label: { zh: '版本号', en: 'Version' }, required: true },
  ],
  sets: [
    {
      name: 'full',
      label: { zh: '全部信息', en: 'Everything' },
      qrVersion: 17,
      slots: [
        'address',
        'registeredCapital',
        'uscc',
        'name',
        'type',
        'legalRep',
        'establishedOn',
        'issuedOn',
        'validTo',
        'serial',
        'version',
      ],
      drop: ['address', 'registeredCapital'],
    },
    {
      name: 'counter',
      label: { zh: '窗口核验', en: 'Counter' },
      qrVersion: 15,
      slots: [
        'uscc',
        'name',
        'type',
        'legalRep',
        'establishedOn',
        'issuedOn',
        'validTo',
        'serial',
        'version',
      ],
      drop: ['legalRep', 'type'],
    },
  ],
  constraints: [{ rule: 'ends-after', slot: 'validTo', from: 'issuedOn' }],
});
