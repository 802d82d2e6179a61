// SPDX-License-Identifier: Apache-2.0
// Shapes of the fields that many records and requests share (docs/ledger.md §1).
import { bytes, integer, text } from '../shape.ts';
import type { Shape } from '../shape.ts';

export { label } from '../types/definition.ts';
export type { Label } from '../types/definition.ts';

/** What every record in the state carries: how often it was written and when last. */
export interface Stamp {
  readonly rev: number;
  readonly at: number;
}

/** Unix seconds. */
export const time: Shape<number> = integer(0, 0xff_ffff_ffff);
/** A day of Beijing time. */
export const day: Shape<number> = integer(-100_000, 1_000_000);
export const stamp = { rev: integer(1, Number.MAX_SAFE_INTEGER), at: time };

/** Upper case only, so that the chaincode name `zl-<msp>` in lower case names one organisation. */
export const msp: Shape<string> = text(16, /^[A-Z][A-Z0-9]{1,15}$/);
export const uscc: Shape<string> = text(18, /^[0-9A-HJ-NPQRTUWXY]{18}$/);
export const typeCode: Shape<string> = text(32, /^[a-z][a-z0-9-]{0,31}$/);
export const act: Shape<string> = text(32, /^[a-z][a-z0-9-]{0,31}$/);
/** No slash, so that it can stand in a key. */
export const instance: Shape<string> = text(64, /^[A-Za-z0-9._-]{1,64}$/);
/** Proposal id: 16 bytes in lower-case hex. */
export const proposalIdText: Shape<string> = text(32, /^[0-9a-f]{32}$/);

export const kid: Shape<Uint8Array> = bytes(8);
export const nonce: Shape<Uint8Array> = bytes(16);
export const hash: Shape<Uint8Array> = bytes(32);
export const publicKey: Shape<Uint8Array> = bytes(33);
export const signature: Shape<Uint8Array> = bytes(64);
export const certificate: Shape<Uint8Array> = bytes(undefined, 8192);

export const epochNumber: Shape<number> = integer(0, 0xffff_ffff);
export const ordinal: Shape<number> = integer(0, 0xffff_ffff);
export const statusIndex: Shape<number> = integer(0, 65_535);
export const version: Shape<number> = integer(0, Number.MAX_SAFE_INTEGER);
