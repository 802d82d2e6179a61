// SPDX-License-Identifier: Apache-2.0
// Claiming a device copy (docs/api.md §3). A code is bound to the holder key that used it in the same batch that orders
// the copy; the same claim may be made again, after a lost answer or ANCHOR_WAIT, and gets the same copy.
import { timingSafeEqual } from 'node:crypto';
import { equals, toHex, utf8 } from '@zhenglian/core/bytes';
import { claimCodeDigest, claimPayload } from '@zhenglian/core/claim';
import { slotValue } from '@zhenglian/core/copy';
import type { Copy } from '@zhenglian/core/copy';
import { isCodedError } from '@zhenglian/core/errors';
import { verifyFor } from '@zhenglian/core/signing';
import { formatSlotValue } from '@zhenglian/core/types/slot-value';
import type { GatewayContext } from '../context.ts';
import type { CopyRecord } from '../issuance/copy-record.ts';
import type { HeldLicence } from '../issuance/desk.ts';
import type { Attachments, LicenceRecord } from '../issuance/licence-record.ts';
import { gatewayError } from '../problem-codes.ts';
import type { TraceAct } from '../trace/trace.ts';
import { CLAIM_TRIES, loadClaimCode, storeClaimCode } from './claim-code.ts';
import type { ClaimCode } from './claim-code.ts';
import type { UnknownCodes } from './unknown-codes.ts';

/** A claim as it comes; nothing of it is believed. */
export interface Claim {
  readonly code: string;
  readonly lastSix?: string;
  readonly holderKey: Uint8Array;
  readonly at: number;
  readonly proof: Uint8Array;
}

/** What a claim or renewal gives: the new copy, its licence, and all device copies there are. */
export interface Claimed {
  readonly licence: LicenceRecord;
  readonly attachments: Attachments;
  readonly copy: Copy;
  readonly others: readonly CopyRecord[];
}

export type ClaimParts = Pick<
  GatewayContext,
  'desk' | 'store' | 'locks' | 'clock' | 'networkId' | 'config' | 'trace' | 'outbox'
>;

/** Seconds the holder's clock may be off. */
export const CLOCK_WINDOW = 120;

/**
 * Claims a copy. `address`: where the claim came from.
 * @throws CLAIM_CODE_UNKNOWN, CLAIM_CODE_SPENT, CLAIM_CODE_EXPIRED, CLAIM_TRIES, CLAIM_PROOF, LICENCE_NOT_LIVING, ANCHOR_WAIT
 */
export async function claimCopy(
  parts: ClaimParts,
  unknown: UnknownCodes,
  claim: Claim,
  address: string,
): Promise<Claimed> {
  unknown.check(address);
  const digest = digestOf(claim.code);
  if (digest === undefined) throw refuseUnknown(unknown, address);
  return parts.locks.hold(`claim-code/${toHex(digest)}`, async () => {
    const code = await loadClaimCode(parts.store, digest);
    if (code === undefined) throw refuseUnknown(unknown, address);
    await admitClaim(parts, digest, code, claim);
    const changes = [
      storeClaimCode(digest, { ...code, spentFor: claim.holderKey }),
      ...(code.spentFor === undefined ? parts.outbox.put(orderAct('claim', code.licence)) : []),
    ];
    return parts.desk.withLicence(code.licence, async (held) => {
      const copy = await held.orderCopy({ holderKey: claim.holderKey, changes });
      return claimed(parts, held, copy);
    });
  });
}

/** What the wallet gets. */
export async function claimed(
  { desk }: Pick<ClaimParts, 'desk'>,
  { licence, copies }: HeldLicence,
  copy: Copy,
): Promise<Claimed> {
  const attachments = await desk.attachments(licence.id);
  return { licence, attachments, copy, others: otherCopies(copies, copy) };
}

/** That a copy was ordered, for the trace: in the batch of the order, since its place is known only later. */
export function orderAct(kind: 'claim' | 'renewal', licence: string): TraceAct {
  return { kind, purpose: 'holder-request', actor: 'holder', subject: licence, outcome: 'ordered' };
}

/** The device copies of a licence but for one. */
function otherCopies(copies: readonly CopyRecord[], but: Copy): readonly CopyRecord[] {
  return copies.filter(
    ({ holderKey, place }) =>
      holderKey !== null && !(place.epoch === but.epoch && place.index === but.index),
  );
}

async function admitClaim(
  parts: ClaimParts,
  digest: Uint8Array,
  code: ClaimCode,
  claim: Claim,
): Promise<void> {
  const isAgain = code.spentFor !== undefined && equals(code.spentFor, claim.holderKey);
  if ((code.spentFor !== undefined && !isAgain) || code.wrongTries >= CLAIM_TRIES) {
    throw gatewayError('CLAIM_CODE_SPENT', 'this code has been used: ask the office for another');
  }
  if (!isAgain && code.expiresAt < parts.clock()) {
    throw gatewayError(
      'CLAIM_CODE_EXPIRED',
      'this code is out of time: ask the office for another',
    );
  }
  if (Math.abs(claim.at - parts.clock()) > CLOCK_WINDOW) {
    throw gatewayError('CLAIM_PROOF', 'the clock of this device is off by more than two minutes');
  }
  const holds = isProven(parts, claim) && (await knowsSubject(parts, code, claim.lastSix));
  if (!holds) throw await refuseTry(parts, digest, code);
}

function isProven({ networkId, config }: ClaimParts, claim: Claim): boolean {
  const { code, holderKey, at, proof: signature } = claim;
  const payload = claimPayload({ code, gateway: config.msp, holderKey, at });
  return verifyFor({ purpose: 'claim', networkId, payload, publicKey: holderKey, signature });
}

/** A letter can be stolen: who claims from one knows the last six characters of the subject too. */
async function knowsSubject(
  { desk }: ClaimParts,
  code: ClaimCode,
  lastSix: string | undefined,
): Promise<boolean> {
  if (code.delivery === 'counter') return true;
  const licence = await desk.licence(code.licence);
  const type = desk.typeOf(licence.type, licence.typeVersion);
  const slot = type.slots.find(({ name }) => name === type.subject);
  if (slot === undefined) return false;
  const subject = formatSlotValue(slot, slotValue(type, licence.values, slot.name));
  return lastSix?.length === 6 && isSame(subject.slice(-6), lastSix.toUpperCase());
}

/** In a time that tells nothing of where they differ. */
function isSame(known: string, given: string): boolean {
  const [a, b] = [utf8(known), utf8(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Counts a wrong try before it is answered. */
async function refuseTry(parts: ClaimParts, digest: Uint8Array, code: ClaimCode): Promise<Error> {
  const wrongTries = code.wrongTries + 1;
  if (code.spentFor === undefined) {
    await parts.store.write([storeClaimCode(digest, { ...code, wrongTries })]);
  }
  const outcome = wrongTries >= CLAIM_TRIES ? 'CLAIM_TRIES' : 'CLAIM_PROOF';
  await parts.trace.append({
    kind: 'claim',
    purpose: 'holder-request',
    actor: 'holder',
    subject: code.licence,
    outcome,
  });
  return outcome === 'CLAIM_TRIES'
    ? gatewayError(outcome, 'too many wrong tries: the code is spent')
    : gatewayError(outcome, 'the proof or the six characters do not fit this code');
}

function refuseUnknown(unknown: UnknownCodes, address: string): Error {
  unknown.note(address);
  return gatewayError('CLAIM_CODE_UNKNOWN', 'there is no such code');
}

function digestOf(code: string): Uint8Array | undefined {
  try {
    return claimCodeDigest(code);
  } catch (error) {
    if (isCodedError(error, 'CLAIM_CODE_INVALID')) return undefined;
    throw error;
  }
}
