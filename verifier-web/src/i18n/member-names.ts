// SPDX-License-Identifier: Apache-2.0
// How a member of the consortium is called for people: its MSP id, and the province its number stands for.
import { provinceOf } from '@zhenglian/core/identifiers/division';
import { network } from '../network-info.ts';
import { sayLabel } from './language.ts';

/** `P33 浙江省`; a member that is no province by what its own gateway calls it, else the id alone. */
export function sayMember(msp: string): string {
  const prefix = /^P(\d{2})$/.exec(msp)?.[1];
  const province = prefix === undefined ? ownName(msp) : provinceOf(prefix);
  return province === undefined ? msp : `${msp} ${sayLabel(province)}`;
}

function ownName(msp: string) {
  if (network.value.kind !== 'known' || network.value.info.msp !== msp) return undefined;
  return network.value.info.name;
}
