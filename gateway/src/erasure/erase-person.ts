// SPDX-License-Identifier: Apache-2.0
// Erasure of one person (docs/storage.md §5): the receipt is stored with the first licence that is erased, together with
// the wish to carry the rest out (carry-out.ts). A kill anywhere leaves that wish for the next chores.
import { toHex } from '@zhenglian/core/bytes';
import type { GatewayContext } from '../context.ts';
import { subjectIndex } from '../issuance/draft.ts';
import { isLiving } from '../issuance/licence-record.ts';
import type { LicenceRecord } from '../issuance/licence-record.ts';
import { gatewayError } from '../problem-codes.ts';
import { signOne } from '../signer.ts';
import type { TableChange } from '../store/table.ts';
import { carryOut } from './carry-out.ts';
import type { CarryOutParts } from './carry-out.ts';
import { erasurePayload, storeErasure } from './erasure-record.ts';
import type { Erasure } from './erasure-record.ts';

type Parts = CarryOutParts &
  Pick<GatewayContext, 'config' | 'vault' | 'shelf' | 'signers' | 'networkId' | 'clock' | 'random'>;

/** Whom to erase, and on whose word. */
export interface ErasureRequest {
  readonly type: string;
  /** ID number or USCC, as the licences have it. */
  readonly subject: string;
  /** Why it may be done though a licence has not ended. */
  readonly basis?: string;
  readonly actor: string;
  readonly purpose: Erasure['purpose'];
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
  await carryOut(parts, erasure, [...storeErasure(erasure), ...remember(erasure)]);
  return erasure;
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
