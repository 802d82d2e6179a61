// SPDX-License-Identifier: Apache-2.0
// GB/T 2261.1: codes of sex.
import type { Label } from './definition.ts';

/** Code → label. */
export const SEXES: ReadonlyMap<number, Label> = new Map([
  [0, { zh: '未知', en: 'unknown' }],
  [1, { zh: '男', en: 'male' }],
  [2, { zh: '女', en: 'female' }],
  [9, { zh: '未说明', en: 'not stated' }],
]);
