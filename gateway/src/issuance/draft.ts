// SPDX-License-Identifier: Apache-2.0
// From the texts of a form or line to a licence, checked against the type and not yet stored.
import { concat, toHex, uintBytes } from '@zhenglian/core/bytes';
import { dayAt } from '@zhenglian/core/days';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import type { IssuingAuthority } from '../config.ts';
import type { Clock, RandomBytes } from '../context.ts';
import { gatewayError } from '../problem-codes.ts';
import type { Vault } from '../store/vault.ts';
import { draftFields } from './draft-fields.ts';
import type { DraftedFields, DraftOrder, DraftTerms } from './draft-fields.ts';
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
  const { previous } = request;
  const terms = draftTerms(parts, request);
  const order: DraftOrder = {
    fields: request.fields,
    serial: previous?.serial ?? parts.random(8),
    version: (previous?.version ?? 0) + 1,
  };
  if (order.version > 999) {
    throw gatewayError('LICENCE_NOT_LIVING', 'a licence has 999 versions at most');
  }
  return recordDraft(parts, terms, { ...request, ...order, ...draftFields(terms, order) });
}

/** What holds for the licences of a type as of now. @throws TYPE_UNKNOWN, TYPE_NOT_ISSUED */
export function draftTerms(
  parts: DraftParts,
  { type: code, previous }: Pick<DraftRequest, 'type' | 'previous'>,
): DraftTerms {
  const type = parts.shelf.typeOf(code);
  const uscc = previous?.uscc ?? issuerOf(parts, type);
  const today = dayAt(parts.clock());
  return { type, uscc, today, testIdentities: parts.shelf.testIdentities() };
}

/** Makes a licence of drafted fields: a new one under an id of its own. */
export function recordDraft(
  { vault, clock, random }: DraftParts,
  { type, uscc }: DraftTerms,
  drafted: DraftedFields &
    Pick<DraftOrder, 'serial' | 'version'> &
    Pick<DraftRequest, 'previous' | 'job'>,
): Draft {
  const { values, attachments, number, serial, version, previous, job } = drafted;
  const licence: LicenceRecord = {
    id: newLicenceId(clock(), random),
    type: type.code,
    typeVersion: type.version,
    uscc,
    number,
    serial,
    version,
    state: 'valid',
    values,
    subject: subjectIndex(vault, type, drafted.subject),
    createdAt: clock(),
    ...(previous === undefined ? {} : { supersedes: previous.id }),
  };
  return { licence, attachments, ...(job === undefined ? {} : { job }) };
}

/**
 * A licence's random handle: 32 hex characters, of which the first eight are the time (unix seconds). Rows of licences made together
 * lie together, so that a store of millions does not rewrite itself for each chunk; 96 random bits are left to guess.
 */
function newLicenceId(now: number, random: RandomBytes): string {
  return toHex(concat(uintBytes(now, 4), random(12)));
}

/** The keyed index of a subject (ID number or USCC) for one type. */
export function subjectIndex(vault: Vault, type: TypeDefinition, subject: string): string {
  return vault.index(`subject/${type.code}`, subject.toUpperCase());
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
