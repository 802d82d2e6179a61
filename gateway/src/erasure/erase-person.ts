// SPDX-License-Identifier: Apache-2.0
// Erasure of one person (docs/storage.md §5): the data keys of the licences are destroyed and the index entries deleted, in
// one batch a licence with the receipt's act for the trace; then the files are rewritten, so that no destroyed key is left on
// the disk. What the ledger and the trace need stays: it tells of ids, places and times, never of values.
// A kill between licences leaves some erased and some not: the same request again finishes, with a receipt for the rest.
import { fromUtf8, toHex } from '@zhenglian/core/bytes';
import type { GatewayContext } from '../context.ts';
import type { Archive } from '../issuance/archive.ts';
import { subjectIndex } from '../issuance/draft.ts';
import { isLiving } from '../issuance/licence-record.ts';
import type { LicenceRecord } from '../issuance/licence-record.ts';
import { gatewayError } from '../problem-codes.ts';
import { signOne } from '../signer.ts';
import { erasedMark } from '../store/data-keys.ts';
import { dataKeyName } from '../store/field-groups.ts';
import type { Table, TableChange } from '../store/table.ts';
import { erasurePayload, storeErasure } from './erasure-record.ts';
import type { Erasure } from './erasure-record.ts';

type Parts = Pick<
  GatewayContext,
  | 'config'
  | 'store'
  | 'purge'
  | 'vault'
  | 'archive'
  | 'desk'
  | 'shelf'
  | 'signers'
  | 'outbox'
  | 'networkId'
  | 'clock'
  | 'random'
>;

/** Whom to erase, and on whose word. */
export interface ErasureRequest {
  readonly type: string;
  /** ID number or USCC, as the licences have it. */
  readonly subject: string;
  /** Why it may be done though a licence has not ended. */
  readonly basis?: string;
  readonly actor: string;
  readonly purpose: string;
}

/**
 * Erases all licences of a type that a subject has here.
 * @throws LICENCE_UNKNOWN, ERASE_LIVING without a basis; the ledger's codes when no key can sign the receipt
 */
export async function erasePerson(
  parts: Parts,
  request: ErasureRequest,
  remember: (erasure: Erasure) => readonly TableChange[],
): Promise<Erasure> {
  const { archive, vault } = parts;
  const type = parts.shelf.typeOf(request.type);
  const subject = subjectIndex(vault, type, request.subject);
  const licences = await archive.bySubject(subject);
  const [first] = licences;
  if (first === undefined) throw gatewayError('LICENCE_UNKNOWN', 'there is no such licence');
  if (request.basis === undefined && licences.some(isLiving)) {
    const message = 'a licence has not ended: end it first, or say the legal basis';
    throw gatewayError('ERASE_LIVING', message);
  }
  const erasure = await receiptOf(parts, first.uscc, licences, request);
  for (const [i, licence] of licences.entries()) {
    const isLast = i === licences.length - 1;
    const kept = isLast ? [storeErasure(erasure), ...remember(erasure)] : [];
    const told = await parts.desk.withLicence(licence.id, () =>
      eraseLicence(parts, archive, licence, erasure, kept),
    );
    await parts.outbox.handOver(told);
  }
  for (const { id } of licences) {
    for (const prefix of [`licence/${id}`, `copy/${id}/`, `attachments/${id}`]) {
      await parts.purge(prefix);
    }
    await parts.purge(dataKeyName(id));
  }
  await parts.purge('once/');
  return erasure;
}

async function eraseLicence(
  { store, outbox }: Parts,
  archive: Archive,
  licence: LicenceRecord,
  erasure: Erasure,
  kept: readonly TableChange[],
): Promise<readonly TableChange[]> {
  await sealAnew(store, licence.id);
  const living = await archive.living(licence.subject);
  const { actor, purpose } = erasure;
  const told = outbox.put({
    ...{ kind: 'erasure', actor, purpose, subject: licence.id, outcome: 'done' },
    detail: { receipt: erasure.id, type: licence.type },
  });
  await store.write([
    { key: dataKeyName(licence.id), value: erasedMark(erasure.id) },
    ...archive.index(licence).map(({ key }) => ({ key })),
    ...(living?.licence === licence.id ? [archive.setLiving(licence.subject, undefined)] : []),
    ...(await keptAnswers(store, licence.id)),
    ...kept,
    ...told,
  ]);
  return told;
}

/** Rows that an earlier version sealed under the master key get a data key, which is what can be destroyed. */
async function sealAnew(store: Table, id: string): Promise<void> {
  const changes: TableChange[] = [];
  for (const prefix of [`licence/${id}`, `copy/${id}/`, `attachments/${id}`]) {
    for await (const entry of store.range({ prefix })) changes.push(entry);
  }
  await store.write(changes);
}

/** Answers kept for Idempotency-Key may tell the licence's number. */
async function keptAnswers(store: Table, id: string): Promise<readonly TableChange[]> {
  const found: TableChange[] = [];
  for await (const { key, value } of store.range({ prefix: 'once/' })) {
    if (fromUtf8(value).includes(id)) found.push({ key });
  }
  return found;
}

async function receiptOf(
  parts: Parts,
  uscc: string,
  licences: readonly LicenceRecord[],
  { type, actor, purpose, basis }: ErasureRequest,
): Promise<Erasure> {
  const { config, networkId, clock, random } = parts;
  const signer = await parts.signers.ready(uscc);
  const id = toHex(random(16));
  const at = clock();
  const erased = licences.map((licence) => licence.id);
  const content = {
    id,
    msp: config.msp,
    type,
    licences: erased,
    basis: basis ?? null,
    purpose,
    at,
  };
  const payload = erasurePayload(content);
  const signature = await signOne(signer, { purpose: 'receipt', networkId, payload });
  return {
    ...{ id, at, type, actor, purpose, payload, signature },
    basis: basis ?? null,
    licences: erased,
    signer: signer.kid,
  };
}
