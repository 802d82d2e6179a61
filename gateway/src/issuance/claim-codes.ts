// SPDX-License-Identifier: Apache-2.0
// Claim codes as they are stored: the digest names the record, the code itself is nowhere (docs/api.md §2, §3).
import { toHex } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { claimCodeDigest, formatClaimCode } from '@zhenglian/core/claim';
import { asCbor, bytes, integer, oneOf, optional, record } from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import type { Clock, RandomBytes } from '../context.ts';
import type { Table, TableChange } from '../store/table.ts';
import { id } from './licence-record.ts';

const claimCode = record({
  licence: id,
  /** A letter's code also demands the last six of the subject. */
  delivery: oneOf('counter', 'letter'),
  expiresAt: integer(0, 0xff_ffff_ffff),
  /** Tries with a wrong proof or a wrong last six. */
  wrongTries: integer(0, 100),
  /** The key it was spent for; asking again with that key gives the same answer. */
  spentFor: optional(bytes(33)),
});

export type ClaimCode = Shaped<typeof claimCode>;
export type ClaimDelivery = ClaimCode['delivery'];

/** Wrong tries that spend a code. */
export const CLAIM_TRIES = 5;

const LIFE: Readonly<Record<ClaimDelivery, number>> = { counter: 15 * 60, letter: 30 * 86_400 };
const CODE_BYTES = 10;

/** A fresh code and the change that stores its digest. */
export function createClaimCode(
  parts: { readonly clock: Clock; readonly random: RandomBytes },
  licence: string,
  delivery: ClaimDelivery,
): { readonly code: string; readonly expiresAt: number; readonly change: TableChange } {
  const code = formatClaimCode(parts.random(CODE_BYTES));
  const expiresAt = parts.clock() + LIFE[delivery];
  const content: ClaimCode = { licence, delivery, expiresAt, wrongTries: 0 };
  return { code, expiresAt, change: storeClaimCode(claimCodeDigest(code), content) };
}

/** The change that stores what is known of a code. */
export function storeClaimCode(digest: Uint8Array, content: ClaimCode): TableChange {
  return { key: claimCodeKey(digest), value: encodeCbor(asCbor(content)) };
}

/** What is known of a code, or undefined when it is none of ours. */
export async function loadClaimCode(
  store: Table,
  digest: Uint8Array,
): Promise<ClaimCode | undefined> {
  const stored = await store.get(claimCodeKey(digest));
  return stored === undefined ? undefined : claimCode(decodeCbor(stored), 'claim code');
}

function claimCodeKey(digest: Uint8Array): string {
  return `claim-code/${toHex(digest)}`;
}
