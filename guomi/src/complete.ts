// SPDX-License-Identifier: Apache-2.0
// SM2 signatures over digests (GB/T 32918.2-2016 §6, §7) on the slow, complete path: the fallback
// and the judge of the fast one. BigInt arithmetic is not constant time (docs/guomi.md).
import { bytesToNumber, concatBytes, numberToBytes32 } from './bytes.ts';
import { combine, pointOf, sm2Group, type Group } from './curve.ts';

/** Verifies a raw r‖s over the digest e; false for anything malformed. */
export function verifyDigest(
  signature: Uint8Array,
  digest: Uint8Array,
  publicKey: Uint8Array,
  group: Group = sm2Group(),
): boolean {
  const n = group.Fn.ORDER;
  if (signature.length !== 64) return false;
  const r = bytesToNumber(signature.subarray(0, 32));
  const s = bytesToNumber(signature.subarray(32));
  const t = (r + s) % n;
  if (r < 1n || r >= n || s < 1n || s >= n || t === 0n) return false;
  const key = pointOf(publicKey, group);
  if (key === undefined) return false;
  const sum = combine(s, key, t, group);
  return !sum.is0() && (bytesToNumber(digest) + sum.x) % n === r;
}

/** One try of GB/T 32918.2 §6.1 A3 to A6 with the nonce k; undefined asks for another nonce. */
export function signDigest(
  digest: Uint8Array,
  secretKey: Uint8Array,
  nonce: Uint8Array,
  group: Group = sm2Group(),
): Uint8Array | undefined {
  const n = group.Fn.ORDER;
  const k = bytesToNumber(nonce);
  if (k < 1n || k >= n) return undefined;
  const d = bytesToNumber(secretKey);
  const r = (bytesToNumber(digest) + group.BASE.multiply(k).x) % n;
  if (r === 0n || r + k === n) return undefined;
  const s = group.Fn.sub(group.Fn.mul(group.Fn.inv(1n + d), (k + r) % n), r);
  if (s === 0n) return undefined;
  return concatBytes(numberToBytes32(r), numberToBytes32(s));
}

/** The public point of d, 65 bytes. */
export function multiplyBase(secretKey: Uint8Array): Uint8Array {
  return sm2Group().BASE.multiply(bytesToNumber(secretKey)).toBytes(false);
}

/** x‖y of d·P for a valid point. */
export function multiply(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const point = sm2Group().fromBytes(Uint8Array.from(publicKey));
  return point.multiply(bytesToNumber(secretKey)).toBytes(false).subarray(1);
}
