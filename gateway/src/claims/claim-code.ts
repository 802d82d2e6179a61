// SPDX-License-Identifier: Apache-2.0
// A claim code as the gateway keeps it: under its digest, the code itself nowhere. Its life is set when it is made.
import { toHex } from '@zhenglian/core/bytes';
import { decodeCbor } from '@zhenglian/core/cbor';
import { claimCodeDigest, formatClaimCode } from '@zhenglian/core/claim';
import { bytes, integer, oneOf, optional, record, text } from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import type { GatewayContext } from '../context.ts';
import { putCbor } from '../store/table-cbor.ts';
import type { Table, TableChange } from '../store/table.ts';

/** How a code reaches the holder: said at a counter, or sent by letter. */
export type Delivery = ClaimCode['delivery'];

/** Wrong tries that spend a code. */
export const CLAIM_TRIES = 5;

const LIFE: Readonly<Record<Delivery, number>> = { counter: 15 * 60, letter: 30 * 86_400 };
const CODE_BYTES = 10;
const claimCode = record({
  licence: text(32),
  /** A letter's code also demands the last six of the subject. */
  delivery: oneOf('counter', 'letter'),
  expiresAt: integer(0, 0xff_ffff_ffff),
  /** Tries with a wrong proof or a wrong last six. */
  wrongTries: integer(0, CLAIM_TRIES),
  /** The holder key that used it; the same key gets the same copy again. */
  spentFor: optional(bytes(33)),
});
export type ClaimCode = Shaped<typeof claimCode>;

/** A fresh code, and the change that stores its digest. */
export function createClaimCode(
  parts: Pick<GatewayContext, 'clock' | 'random'>,
  licence: string,
  delivery: Delivery,
): { readonly code: string; readonly expiresAt: number; readonly change: TableChange } {
  const code = formatClaimCode(parts.random(CODE_BYTES));
  const expiresAt = parts.clock() + LIFE[delivery];
  const kept: ClaimCode = { licence, delivery, expiresAt, wrongTries: 0 };
  return { code, expiresAt, change: storeClaimCode(claimCodeDigest(code), kept) };
}

/** The change that stores what is known of a code. */
export function storeClaimCode(digest: Uint8Array, code: ClaimCode): TableChange {
  return putCbor(keyOf(digest), { ...code });
}

/** What is known of a code, or undefined when it is none of ours. */
export async function loadClaimCode(
  store: Table,
  digest: Uint8Array,
): Promise<ClaimCode | undefined> {
  const stored = await store.get(keyOf(digest));
  return stored === undefined ? undefined : claimCode(decodeCbor(stored), 'claim code');
}

function keyOf(digest: Uint8Array): string {
  return `claim-code/${toHex(digest)}`;
}
