// SPDX-License-Identifier: Apache-2.0
// The curve sm2p256v1 (GB/T 32918.5-2017) on @noble/curves: the slow, complete arithmetic that
// knows no exceptional case. The only importer of that library.
import { GuomiError } from './errors.ts';
import { weierstrass, type WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js';

export type Point = WeierstrassPoint<bigint>;

export const CURVE = {
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
} as const;

/** What the equations need of a curve; any but sm2p256v1 serves to check them against the standard. */
export type Parameters = Readonly<Record<'p' | 'a' | 'b' | 'n' | 'h' | 'Gx' | 'Gy', bigint>>;
export type Group = ReturnType<typeof createGroup>;

let made: Group | undefined;

/**
 * The group sm2p256v1, made and tested when it is first needed: a program on the fast path never waits for it.
 * @throws GuomiError SELF_TEST_FAILED
 */
export function sm2Group(): Group {
  made ??= tested(createGroup(CURVE));
  return made;
}

/** A group whose (n − 1)·G is −G. @throws GuomiError SELF_TEST_FAILED */
export function tested(group: Group): Group {
  const { BASE } = group;
  if (BASE.multiply(CURVE.n - 1n).equals(BASE.negate())) return group;
  throw new GuomiError('SELF_TEST_FAILED', 'the complete path fails its known-answer test');
}

/** The group of points for some parameters. */
export function createGroup(parameters: Parameters): ReturnType<typeof weierstrass<bigint>> {
  return weierstrass<bigint>(parameters);
}

/** Reads a 65-byte (04) or 33-byte (02, 03) point on the curve, else undefined; infinity is no key. */
export function pointOf(publicKey: Uint8Array, group: Group = sm2Group()): Point | undefined {
  const first = publicKey[0];
  const known =
    (publicKey.length === 65 && first === 4) ||
    (publicKey.length === 33 && (first === 2 || first === 3));
  if (!known) return undefined;
  try {
    const point = group.fromBytes(Uint8Array.from(publicKey));
    point.assertValidity();
    return point;
  } catch {
    return undefined;
  }
}

/** s·G + t·P in variable time, for public scalars only. */
export function combine(s: bigint, point: Point, t: bigint, group: Group = sm2Group()): Point {
  return group.BASE.mulAddUnsafe(s, point, t);
}
