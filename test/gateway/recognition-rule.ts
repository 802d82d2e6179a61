// SPDX-License-Identifier: Apache-2.0
// A rule under which Zhejiang recognises driving licences of Guangdong, in tests.
import type { RecognitionRule } from '@zhenglian/core/records/rule';
import { testRule } from '../support/consortium-requests.ts';

/** The rule without conditions. */
export const RULE: RecognitionRule = testRule({
  mapping: new Map([['name', { as: 'holderName' }]]),
  notBefore: 0,
  notAfter: 40_000,
  label: { zh: '驾驶证互认', en: 'Driving licences' },
});

/** A condition on a field. */
export function condition(operator: string, field: string, value: string) {
  return new Map([[operator, [new Map([['var', `licence.${field}`]]), value]]]);
}
