// SPDX-License-Identifier: Apache-2.0
// Renewing a device copy: the old holder key orders a copy for a new one (docs/api.md §3).
import { equals } from '@zhenglian/core/bytes';
import { renewalPayload } from '@zhenglian/core/claim';
import { isCodedError } from '@zhenglian/core/errors';
import { verifyFor } from '@zhenglian/core/signing';
import { gatewayError } from '../problem-codes.ts';
import { claimed, CLOCK_WINDOW, orderAct } from './claim.ts';
import type { Claimed, ClaimParts } from './claim.ts';

/** A renewal as it comes; nothing of it is believed. */
export interface Renewal {
  readonly kid: Uint8Array;
  readonly epoch: number;
  readonly index: number;
  readonly newHolderKey: Uint8Array;
  readonly at: number;
  readonly proof: Uint8Array;
}

/**
 * Orders a copy for the new key. The same renewal again gets the same copy.
 * @throws COPY_UNKNOWN (also when the holder key is another, so that nobody learns which copies there are), CLAIM_PROOF,
 * LICENCE_NOT_LIVING (the copy's own suspension or revocation too), ANCHOR_WAIT
 */
export async function renewCopy(
  parts: ClaimParts,
  renewal: Renewal & { readonly holderKey: Uint8Array },
): Promise<Claimed> {
  const { kid, epoch, index, newHolderKey, at, proof: signature } = renewal;
  if (Math.abs(at - parts.clock()) > CLOCK_WINDOW) {
    throw gatewayError('CLAIM_PROOF', 'the clock of this device is off by more than two minutes');
  }
  const payload = renewalPayload({
    kid,
    epoch,
    index,
    newHolderKey,
    gateway: parts.config.msp,
    at,
  });
  const { networkId } = parts;
  const { holderKey: publicKey } = renewal;
  if (!verifyFor({ purpose: 'claim', networkId, payload, publicKey, signature })) {
    throw gatewayError('CLAIM_PROOF', 'the old key has not signed this renewal');
  }
  const record = await parts.desk.copyAt(kid, epoch, index).catch(unlessErased);
  const isHolder = record?.holderKey?.every((byte, i) => byte === publicKey[i]) === true;
  if (record === undefined || !isHolder) {
    throw gatewayError('COPY_UNKNOWN', 'there is no such copy of this key');
  }
  return parts.desk.withLicence(record.licence, async (held) => {
    const now = held.copies.find(({ id }) => id === record.id);
    if (now?.own !== 'valid') {
      throw gatewayError('LICENCE_NOT_LIVING', 'this copy is not in force: claim anew');
    }
    const isNew = !held.copies.some(
      ({ holderKey }) => holderKey !== null && equals(holderKey, newHolderKey),
    );
    const changes = isNew ? parts.outbox.put(orderAct('renewal', record.licence)) : [];
    const copy = await held.orderCopy({ holderKey: newHolderKey, changes });
    return claimed(parts, held, copy);
  });
}

/** Whose key an erased copy had is not known any more: it is no copy of anybody's. */
function unlessErased(error: unknown): undefined {
  if (!isCodedError(error, 'ERASED')) throw error;
}
