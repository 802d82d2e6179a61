// SPDX-License-Identifier: Apache-2.0
// A rule of recognition between two provinces, in force while both stand by the same hash (docs/ledger.md §5).
import { sm3 } from '@zhenglian/guomi';
import { concat, utf8 } from '../bytes.ts';
import { encodeCbor } from '../cbor.ts';
import type { CborValue } from '../cbor.ts';
import { anything, asCbor, dictionary, integer, list, optional, record, text } from '../shape.ts';
import type { Shaped } from '../shape.ts';
import { act, day, hash, kid, label, msp, signature, stamp, typeCode } from './fields.ts';

const fieldName = text(32, /^[a-z][A-Za-z0-9]{0,31}$/);
const recognitionRule = record({
  version: integer(1, 1),
  from: msp,
  to: msp,
  type: typeCode,
  authorities: list(text(18, /^[0-9A-HJ-NPQRTUWXY]{1,18}$/), 256),
  acts: list(act, 64),
  condition: optional(anything),
  mapping: dictionary(
    fieldName,
    record({ as: fieldName, values: optional(dictionary(codeValue, codeValue)) }),
  ),
  notBefore: day,
  notAfter: day,
  label,
});
const submission = record({ hash, kid, signature });
export const rule = record({
  from: msp,
  to: msp,
  type: typeCode,
  submissions: dictionary(msp, submission),
  rule: optional(recognitionRule),
  ...stamp,
});

/** What both provinces agree on. `authorities` and `acts`: empty means all. */
export type RecognitionRule = Shaped<typeof recognitionRule>;
/** One province's word for a rule. */
export type RuleSubmission = Shaped<typeof submission>;
/** Record `rule/<from>/<to>/<type>`; `rule` is the one in force. */
export type RuleRecord = Shaped<typeof rule>;

/** @throws SHAPE_INVALID */
export function parseRule(value: CborValue): RuleRecord {
  return rule(value, 'rule');
}

/** @throws SHAPE_INVALID */
export function parseRecognitionRule(value: CborValue): RecognitionRule {
  return recognitionRule(value, 'rule');
}

/** What both provinces sign, purpose `rule`. */
export function ruleHash(definition: RecognitionRule): Uint8Array {
  return sm3.hash(concat(utf8('ZL/rule/1'), encodeCbor(asCbor(definition))));
}

function codeValue(value: CborValue | undefined, path: string): string | number {
  return typeof value === 'string' ? text(64)(value, path) : integer(0, 65_535)(value, path);
}
