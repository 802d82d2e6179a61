// SPDX-License-Identifier: Apache-2.0
// From the texts of a form or line to a licence, checked against the type and not yet stored.
import { sm3 } from '@zhenglian/guomi';
import { toHex, utf8 } from '@zhenglian/core/bytes';
import { copyLastDay, licenceNumber, slotValue } from '@zhenglian/core/copy';
import { dayAt } from '@zhenglian/core/days';
import { CodedError } from '@zhenglian/core/errors';
import { parseFields, valuesInTreeOrder } from '@zhenglian/core/fields';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { formatSlotValue } from '@zhenglian/core/types/slot-value';
import type { IssuingAuthority } from '../config.ts';
import type { Clock, RandomBytes } from '../context.ts';
import { gatewayError } from '../problem-codes.ts';
import type { Vault } from '../store/vault.ts';
import type { Attachments, LicenceRecord } from './licence-record.ts';
import type { TypeShelf } from './type-shelf.ts';

/** A licence that may be admitted. */
export interface Draft {
  readonly licence: LicenceRecord;
  readonly attachments: Attachments;
  /** The import it came with. */
  readonly job?: string;
}

export interface DraftParts {
  readonly shelf: TypeShelf;
  readonly authorities: readonly IssuingAuthority[];
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** What a draft is made of; the previous licence when it is a correction, the job when it came by import. */
export interface DraftRequest {
  readonly type: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly previous?: LicenceRecord;
  readonly job?: string;
}

/**
 * Checks the fields and makes the records.
 * @throws TYPE_UNKNOWN, TYPE_NOT_ISSUED, FIELD_INVALID with a `detail` of [{slot, reason}], LICENCE_NOT_LIVING
 */
export function draftLicence(parts: DraftParts, request: DraftRequest): Draft {
  const { clock, random } = parts;
  const { previous, job } = request;
  const type = parts.shelf.typeOf(request.type);
  const uscc = previous?.uscc ?? issuerOf(parts, type);
  const { texts, attachments } = splitAttachments(type, request.fields);
  const today = dayAt(clock());
  const context = { today, testIdentities: parts.shelf.testIdentities() };
  const fields = parseFields(type, texts, context);
  const serial = previous?.serial ?? random(8);
  const version = (previous?.version ?? 0) + 1;
  if (version > 999) throw gatewayError('LICENCE_NOT_LIVING', 'a licence has 999 versions at most');
  const values = valuesInTreeOrder(type, fields, serial, version);
  requireTimeLeft(type, values, today);
  const licence: LicenceRecord = {
    id: toHex(random(16)),
    type: type.code,
    typeVersion: type.version,
    uscc,
    number: licenceNumber(type, uscc, values),
    serial,
    version,
    state: 'valid',
    values,
    subject: subjectIndex(parts.vault, type, subjectText(type, values)),
    createdAt: clock(),
    ...(previous === undefined ? {} : { supersedes: previous.id }),
  };
  return { licence, attachments, ...(job === undefined ? {} : { job }) };
}

/** The keyed index of a subject (ID number or USCC) for one type. */
export function subjectIndex(vault: Vault, type: TypeDefinition, subject: string): string {
  return vault.index(`subject/${type.code}`, subject.toUpperCase());
}

/** The subject as people write it. */
export function subjectText(type: TypeDefinition, values: LicenceRecord['values']): string {
  const slot = type.slots.find(({ name }) => name === type.subject);
  return slot === undefined ? '' : formatSlotValue(slot, slotValue(type, values, slot.name));
}

/** A digest slot takes the clear content: its SM3 is signed, the content stays here and with the holder. */
function splitAttachments(type: TypeDefinition, fields: DraftRequest['fields']) {
  const digests = new Set(type.slots.filter((s) => s.kind === 'digest').map((s) => s.name));
  const attachments = new Map<string, string>();
  const texts = Object.entries(fields).map(([name, text]) => {
    if (!digests.has(name) || text === '') return [name, text] as const;
    attachments.set(name, text);
    return [name, toHex(sm3.hash(utf8(text)))] as const;
  });
  return { texts: Object.fromEntries(texts), attachments };
}

/** The authority that issues a type here. @throws TYPE_NOT_ISSUED */
export function issuerOf({ authorities, shelf }: DraftParts, type: TypeDefinition): string {
  const issuer = authorities.find(
    ({ uscc, types }) => types.includes(type.code) && shelf.isAccredited(uscc, type.code),
  );
  if (issuer === undefined) {
    throw gatewayError('TYPE_NOT_ISSUED', 'no authority of this gateway issues this type');
  }
  return issuer.uscc;
}

/** Tells whether the licence's legal end is still to come on a day. */
export function hasTimeLeft(
  type: TypeDefinition,
  values: LicenceRecord['values'],
  today: number,
): boolean {
  return copyLastDay(type, values, today, false) >= today;
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
