// SPDX-License-Identifier: Apache-2.0
// From the texts of a form or line to the values of a licence: a computation alone, so that it can be done in another
// thread. Who it is for, and under which id it is kept, is draft.ts.
import { sm3 } from '@zhenglian/guomi';
import { toHex, utf8 } from '@zhenglian/core/bytes';
import { copyLastDay, licenceNumber, slotValue } from '@zhenglian/core/copy';
import { CodedError } from '@zhenglian/core/errors';
import { parseFields, valuesInTreeOrder } from '@zhenglian/core/fields';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { formatSlotValue } from '@zhenglian/core/types/slot-value';
import type { Attachments, LicenceRecord } from './licence-record.ts';

/** What holds for all licences that are drafted together. */
export interface DraftTerms {
  readonly type: TypeDefinition;
  /** USCC of the authority. */
  readonly uscc: string;
  readonly today: number;
  readonly testIdentities: boolean;
}

/** One licence's fields, and what makes it a version of a licence: 8 bytes that no other has, and how often it was corrected. */
export interface DraftOrder {
  readonly fields: Readonly<Record<string, string>>;
  readonly serial: Uint8Array;
  readonly version: number;
}

/** Fields that fit their type. */
export interface DraftedFields {
  readonly values: LicenceRecord['values'];
  readonly attachments: Attachments;
  readonly number: string;
  /** As people write it. */
  readonly subject: string;
}

/** Checks fields against their type. @throws FIELD_INVALID with a `detail` of [{slot, reason}] */
export function draftFields(
  { type, uscc, today, testIdentities }: DraftTerms,
  { fields, serial, version }: DraftOrder,
): DraftedFields {
  const { texts, attachments } = splitAttachments(type, fields);
  const parsed = parseFields(type, texts, { today, testIdentities });
  const values = valuesInTreeOrder(type, parsed, serial, version);
  requireTimeLeft(type, values, today);
  const number = licenceNumber(type, uscc, values);
  return { values, attachments, number, subject: subjectText(type, values) };
}

function subjectText(type: TypeDefinition, values: LicenceRecord['values']): string {
  const slot = type.slots.find(({ name }) => name === type.subject);
  return slot === undefined ? '' : formatSlotValue(slot, slotValue(type, values, slot.name));
}

/** Tells whether the licence's legal end is still to come on a day. */
export function hasTimeLeft(
  type: TypeDefinition,
  values: LicenceRecord['values'],
  today: number,
): boolean {
  return copyLastDay(type, values, today, false) >= today;
}

/** A digest slot takes the clear content: its SM3 is signed, the content stays here and with the holder. */
function splitAttachments(type: TypeDefinition, fields: DraftOrder['fields']) {
  const digests = new Set(type.slots.filter((s) => s.kind === 'digest').map((s) => s.name));
  const attachments = new Map<string, string>();
  const texts = Object.entries(fields).map(([name, text]) => {
    if (!digests.has(name) || text === '') return [name, text] as const;
    attachments.set(name, text);
    return [name, toHex(sm3.hash(utf8(text)))] as const;
  });
  return { texts: Object.fromEntries(texts), attachments };
}

function requireTimeLeft(
  type: TypeDefinition,
  values: LicenceRecord['values'],
  today: number,
): void {
  if (hasTimeLeft(type, values, today)) return;
  const detail = [{ slot: type.validity.to, reason: 'expired' }];
  throw new CodedError('FIELD_INVALID', 'the licence has ended already', { detail });
}
