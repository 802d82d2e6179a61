// SPDX-License-Identifier: Apache-2.0
// 机动车驾驶证 as data: fields of Order 162 art. 12. The slots are nested so that what a roadside check needs is one
// sub-tree: eight of fourteen fields for 48 bytes of proof.
import { defineType } from './definition.ts';
import type { Label } from './definition.ts';
import { SEXES } from './sexes.ts';

/** Vehicle classes (Order 172, in force 2025-01-01). */
const VEHICLE_CLASSES: ReadonlyMap<string, Label> = new Map([
  ['A1', { zh: '大型客车', en: 'Large bus' }],
  ['A2', { zh: '重型牵引挂车', en: 'Heavy tractor-trailer' }],
  ['A3', { zh: '城市公交车', en: 'City bus' }],
  ['B1', { zh: '中型客车', en: 'Medium bus' }],
  ['B2', { zh: '大型货车', en: 'Large lorry' }],
  ['C1', { zh: '小型汽车', en: 'Small car' }],
  ['C2', { zh: '小型自动挡汽车', en: 'Small automatic car' }],
  ['C3', { zh: '低速载货汽车', en: 'Low-speed lorry' }],
  ['C4', { zh: '三轮汽车', en: 'Three-wheeled vehicle' }],
  ['C5', { zh: '残疾人专用小型自动挡载客汽车', en: 'Small automatic car for the disabled' }],
  ['C6', { zh: '轻型牵引挂车', en: 'Light tractor-trailer' }],
  ['D', { zh: '普通三轮摩托车', en: 'Three-wheeled motorcycle' }],
  ['E', { zh: '普通二轮摩托车', en: 'Motorcycle' }],
  ['F', { zh: '轻便摩托车', en: 'Moped' }],
  ['M', { zh: '轮式专用机械车', en: 'Wheeled machinery' }],
  ['N', { zh: '无轨电车', en: 'Trolleybus' }],
  ['P', { zh: '有轨电车', en: 'Tram' }],
]);

/**
 * The driving licence, version 1. The last three digits of its GB/T 36904 type code were not to be found in
 * any public source: `002` is a placeholder that a vote replaces.
 */
export const DRIVING = defineType({
  code: 'driving',
  number: 3,
  version: 1,
  identifierCode: '11100000000013127D002',
  label: { zh: '机动车驾驶证', en: 'Driving licence' },
  holder: 'person',
  subject: 'licenceNo',
  name: 'name',
  validity: { from: 'validFrom', to: 'validTo' },
  documentDays: 3650,
  deviceDays: 365,
  pendingRelease: false,
  tree: [
    [
      'photo',
      [
        [
          ['licenceNo', 'fileNo'],
          ['nationality', 'firstIssuedOn'],
        ],
        ['address', 'hearingAid'],
      ],
    ],
    [
      [
        ['name', 'sex'],
        ['birthDate', 'classes'],
      ],
      [
        ['validFrom', 'validTo'],
        ['serial', 'version'],
      ],
    ],
  ],
  slots: [
    { name: 'name', kind: 'text', label: { zh: '姓名', en: 'Name' }, required: true, max: 50 },
    { name: 'sex', kind: 'code', label: { zh: '性别', en: 'Sex' }, required: true, values: SEXES },
    {
      name: 'birthDate',
      kind: 'date',
      label: { zh: '出生日期', en: 'Date of birth' },
      required: true,
    },
    {
      name: 'nationality',
      kind: 'code',
      label: { zh: '国籍', en: 'Nationality' },
      required: true,
      values: new Map([[156, { zh: '中国', en: 'China' }]]),
    },
    {
      name: 'address',
      kind: 'text',
      label: { zh: '住址', en: 'Address' },
      required: true,
      max: 70,
      sensitive: true,
    },
    {
      name: 'licenceNo',
      kind: 'citizen-id',
      label: { zh: '证号', en: 'ID number of the holder' },
      required: true,
      sensitive: true,
    },
    { name: 'photo', kind: 'digest', label: { zh: '相片', en: 'Photo' }, sensitive: true },
    {
      name: 'firstIssuedOn',
      kind: 'date',
      label: { zh: '初次领证日期', en: 'First issued on' },
      required: true,
    },
    {
      name: 'classes',
      kind: 'codes',
      label: { zh: '准驾车型', en: 'Vehicle classes' },
      required: true,
      values: VEHICLE_CLASSES,
    },
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
    {
      name: 'fileNo',
      kind: 'file-number',
      label: { zh: '档案编号', en: 'File number' },
      required: true,
      sensitive: true,
    },
    {
      name: 'hearingAid',
      kind: 'boolean',
      label: { zh: '听力辅助条件', en: 'Hearing aid required' },
      required: true,
      sensitive: true,
    },
    { name: 'serial', kind: 'serial', label: { zh: '流水号', en: 'Serial' }, required: true },
    { name: 'version', kind: 'version', label: { zh: '版本号', en: 'Version' }, required: true },
  ],
  sets: [
    {
      name: 'full',
      label: { zh: '全部信息', en: 'Everything' },
      qrVersion: 15,
      slots: [
        'licenceNo',
        'fileNo',
        'nationality',
        'firstIssuedOn',
        'address',
        'hearingAid',
        'name',
        'sex',
        'birthDate',
        'classes',
        'validFrom',
        'validTo',
        'serial',
        'version',
      ],
      drop: ['address', 'hearingAid'],
    },
    {
      name: 'roadside',
      label: { zh: '路面核验', en: 'Roadside' },
      qrVersion: 13,
      slots: ['name', 'sex', 'birthDate', 'classes', 'validFrom', 'validTo', 'serial', 'version'],
    },
    {
      name: 'counter',
      label: { zh: '窗口核验', en: 'Counter' },
      qrVersion: 15,
      slots: [
        'licenceNo',
        'fileNo',
        'name',
        'sex',
        'birthDate',
        'classes',
        'validFrom',
        'validTo',
        'serial',
        'version',
      ],
    },
  ],
  constraints: [
    { rule: 'birth-date-of', slot: 'birthDate', from: 'licenceNo' },
    { rule: 'sex-of', slot: 'sex', from: 'licenceNo' },
    { rule: 'ends-after', slot: 'validTo', from: 'validFrom' },
  ],
});
