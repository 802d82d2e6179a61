// SPDX-License-Identifier: Apache-2.0
// The status of one index: signed by the authority and chained to the status before it (docs/ledger.md §4).
// Reason and basis are not here, only a salted commitment to them.
import { sm3 } from '@zhenglian/guomi';
import { concat, utf8 } from '../bytes.ts';
import { encodeCbor } from '../cbor.ts';
import type { CborValue } from '../cbor.ts';
import { integer, oneOf, record } from '../shape.ts';
import type { Shaped } from '../shape.ts';
import { epochNumber, hash, kid, signature, stamp, statusIndex, time, uscc } from './fields.ts';

export const statusState = oneOf('valid', 'suspended', 'revoked');
export const statusClass = oneOf(
  'holder-request',
  'lost',
  'administrative',
  'judicial',
  'error',
  'superseded',
  'expired',
  'reinstated',
);
export const statusContent = {
  uscc,
  epoch: epochNumber,
  index: statusIndex,
  state: statusState,
  class: statusClass,
  commitment: hash,
  time,
  seq: integer(1, Number.MAX_SAFE_INTEGER),
};
const status = record({ ...statusContent, chain: hash, kid, signature, ...stamp });

export type StatusState = Shaped<typeof statusState>;
export type StatusClass = Shaped<typeof statusClass>;
/** Record `status/<uscc>/<epoch>/<index>`. */
export type Status = Shaped<typeof status>;
/** What the authority signs of a status, beside the chain before it. */
export type StatusContent = Omit<Status, 'chain' | 'kid' | 'signature' | 'rev' | 'at'>;

/** @throws SHAPE_INVALID */
export function parseStatus(value: CborValue): Status {
  return status(value, 'status');
}

/** The chain before the first status (and before the first trace root): 32 zero bytes. */
export function emptyChain(): Uint8Array {
  return new Uint8Array(32);
}

/** What is signed, purpose `status`. */
export function statusPayload(s: StatusContent, previousChain: Uint8Array): Uint8Array {
  return encodeCbor([
    s.uscc,
    s.epoch,
    s.index,
    s.state,
    s.class,
    s.commitment,
    s.time,
    s.seq,
    previousChain,
  ]);
}

/** The chain after a status with this payload. */
export function statusChain(previousChain: Uint8Array, payload: Uint8Array): Uint8Array {
  return sm3.hash(concat(utf8('ZL/status/1'), previousChain, payload));
}

/** Commitment to why: the salt keeps short reasons from being guessed. */
export function commitment(salt: Uint8Array, reason: string, basis: string): Uint8Array {
  if (salt.length !== 16) throw new RangeError('a salt has 16 bytes');
  return sm3.hash(concat(utf8('ZL/commit/1'), salt, encodeCbor([reason, basis])));
}
