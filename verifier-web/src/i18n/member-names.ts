// SPDX-License-Identifier: Apache-2.0
// How a member of the consortium is called for people: its MSP id, and the province its number stands for.
import { provinceOf } from '@zhenglian/core/identifiers/division';
import { sayLabel } from './language.ts';

/** `P33 浙江省`; the id alone for members that are no province. */
export function sayMember(msp: string): string {
  const prefix = /^P(\d{2})$/.exec(msp)?.[1];
  const province = prefix === undefined ? undefined : provinceOf(prefix);
  return province === undefined ? msp : `${msp} ${sayLabel(province)}`;
}
