// SPDX-License-Identifier: Apache-2.0
// Signatures over digests, built to hurt. A digest or an x beyond n comes by chance once in 2^32 or 2^128: here the
// point R and the scalars are chosen first, and the key is what makes them a signature, Q = t⁻¹(R − sG).
import { bytesToNumber, concatBytes, numberToBytes32 } from '../../guomi/src/bytes.ts';
import { verifyDigest } from '../../guomi/src/complete.ts';
import { combine, CURVE, pointOf, sm2Group, type Point } from '../../guomi/src/curve.ts';
import { AREA } from '../../guomi/src/wasm/layout.ts';
import { instantiate } from '../../guomi/src/wasm/loader.ts';
import { EXCEPTIONAL, IN_BATCH, openEngine } from '../../guomi/src/wasm/wasm-engine.ts';

const { n, p } = CURVE;
const TOP = 1n << 256n;

type Random = (length: number) => Uint8Array;
export type DigestCase = Readonly<{
  signature: Uint8Array;
  digest: Uint8Array;
  publicKey: Uint8Array;
}>;

/** What is at its limit in a case. */
export const LIMIT_KINDS = [
  'scalars and keys',
  'digest from n on',
  'x from n on',
  'digest and x from n on',
  'x around p − n',
  'r + s = n',
] as const;
export type LimitCase = DigestCase &
  Readonly<{ kind: (typeof LIMIT_KINDS)[number]; valid: boolean }>;

/** The case of this number: kinds by turns, of each kind one in three altered. */
export function limitCase(index: number, random: Random): LimitCase {
  const kind = LIMIT_KINDS[index % LIMIT_KINDS.length] ?? 'r + s = n';
  const isAltered = Math.floor(index / LIMIT_KINDS.length) % 3 === 2;
  if (kind === 'r + s = n') {
    const s = edgeScalar(random);
    return { kind, valid: false, ...caseOf(n - s, s, anyDigest(random), keyOf(random)) };
  }
  const made = kind === 'scalars and keys' ? ofScalars(random) : ofPoint(kind, random);
  if (!isAltered || made === undefined) {
    // Infinity, once in a while, is no signature.
    return { kind, valid: made !== undefined, ...(made ?? ofInfinity(random)) };
  }
  return { kind, valid: false, ...altered(made, random) };
}

/** A digest that is off by a bit, which no r fits but by its own. */
function altered(made: DigestCase, random: Random): DigestCase {
  const [bit = 0] = random(1);
  const digest = Uint8Array.from(made.digest);
  digest[31 - (bit >> 3)] = (digest[31 - (bit >> 3)] ?? 0) ^ (1 << (bit & 7));
  return { ...made, digest };
}

function caseOf(r: bigint, s: bigint, e: bigint, key: Point): DigestCase {
  return {
    signature: concatBytes(numberToBytes32(r), numberToBytes32(s)),
    digest: numberToBytes32(e),
    publicKey: key.toBytes(false),
  };
}

/** r, s, t at their limits under a key that may be a small multiple of G; undefined at infinity. */
function ofScalars(random: Random): DigestCase | undefined {
  const key = keyOf(random);
  const [s, t] = [edgeScalar(random), edgeScalar(random)];
  const r = (t - s + n) % n;
  const sum = combine(s, key, t);
  if (r === 0n || sum.is0()) return undefined;
  return caseOf(r, s, (r - sum.x + 2n * n) % n, key);
}

/** sG + tQ is infinity. */
function ofInfinity(random: Random): DigestCase {
  const [s, t] = [edgeScalar(random), edgeScalar(random)];
  const key = sm2Group().BASE.multiply(((n - s) * sm2Group().Fn.inv(t)) % n);
  const r = (t - s + n) % n;
  return caseOf(r, s, r, key);
}

/** A digest and a point with x as the kind says, and the key to them. */
function ofPoint(kind: LimitCase['kind'], random: Random): DigestCase {
  const e = kind.startsWith('digest') ? beyond(TOP, random) : anyDigest(random) % n;
  for (;;) {
    const point = kind === 'x around p − n' ? near(p - n, random) : pointFor(kind, random);
    const s = edgeScalar(random);
    const r = (e + point.x) % n;
    const t = (r + s) % n;
    if (r === 0n || t === 0n) continue;
    const key = point.subtract(sm2Group().BASE.multiply(s)).multiplyUnsafe(sm2Group().Fn.inv(t));
    if (!key.is0()) return caseOf(r, s, e, key);
  }
}

function pointFor(kind: LimitCase['kind'], random: Random): Point {
  if (kind === 'digest from n on') return sm2Group().BASE.multiply(edgeScalar(random));
  for (;;) {
    const point = pointAt(beyond(p, random), random);
    if (point !== undefined) return point;
  }
}

/** A number from n to below `end`: often among the first or the last. */
function beyond(end: bigint, random: Random): bigint {
  const [kind = 0, small = 0] = random(2);
  if (kind % 3 === 0) return n + BigInt(small % 16);
  if (kind % 3 === 1) return end - 1n - BigInt(small % 16);
  return n + (bytesToNumber(random(40)) % (end - n));
}

/** The point with the nearest x on either side of `x`. */
function near(x: bigint, random: Random): Point {
  for (;;) {
    const [offset = 0] = random(1);
    const point = pointAt(x + BigInt(offset % 32) - 16n, random);
    if (point !== undefined) return point;
  }
}

function pointAt(x: bigint, random: Random): Point | undefined {
  const [parity = 0] = random(1);
  return pointOf(concatBytes(Uint8Array.of(2 + (parity & 1)), numberToBytes32(x)));
}

function anyDigest(random: Random): bigint {
  const [kind = 0] = random(1);
  return kind < 128 ? bytesToNumber(random(32)) : edgeScalar(random);
}

function keyOf(random: Random): Point {
  const [which = 0] = random(1);
  return sm2Group().BASE.multiply(
    SMALL_KEYS[which % (2 * SMALL_KEYS.length)] ?? edgeScalar(random),
  );
}

const POWERS = [11n, 22n, 44n].map((bits) => 1n << bits);
const SMALL_KEYS = [1n, 2n, 3n, 4n, 5n, 7n, 8n, 15n, 16n, 31n, n - 2n, n - 3n, ...POWERS];

/** A number in [1, n − 1] with long runs of equal bits, or close to 0, to n or to a power of two. */
function edgeScalar(random: Random): bigint {
  const [kind = 0, a = 0, b = 0] = random(3);
  const high = 1n << BigInt(a);
  const low = 1n << BigInt(b);
  const small = BigInt(b % 8);
  const choices = [
    high - low,
    high + small,
    n - 1n - small,
    (n >> 1n) + small,
    small + 1n,
    n - high,
    ((1n << 256n) / 3n) >> small,
    bytesToNumber(random(32)),
  ];
  const value = (choices[kind % choices.length] ?? 1n) % n;
  return value <= 0n ? value + n - 1n : value;
}

/** A module's own functions over digests, one at a time and in a batch. */
export type Judge = Readonly<{
  single: (item: DigestCase) => boolean;
  batch: (items: readonly DigestCase[]) => boolean[];
}>;

/** Opens a module for judging; exceptional answers go where the engine sends them. */
export function digestJudge(name: 'wasm' | 'wasm-simd'): Judge {
  const exports = instantiate(name);
  openEngine(name, exports);
  const place = ({ signature, digest, publicKey }: DigestCase) => {
    const memory = new Uint8Array(exports.memory.buffer);
    memory.set(signature, AREA.signature);
    memory.set(publicKey.subarray(1), AREA.key);
    memory.set(digest, AREA.digest);
  };
  const decide = (answer: number, { signature, digest, publicKey }: DigestCase): boolean =>
    answer === EXCEPTIONAL ? verifyDigest(signature, digest, publicKey) : answer === 1;
  const single = (item: DigestCase): boolean => {
    place(item);
    return decide(exports.verify(-1), item);
  };
  return {
    single,
    batch(items) {
      items.forEach(single); // every key gets its table
      exports.batchStart();
      const states = items.map((item) => {
        place(item);
        return exports.batchAdd(-1);
      });
      exports.batchRun(exports.batchEnd());
      let waiting = 0;
      return items.map((item, index) => {
        const { [index]: state = 0 } = states;
        return decide(state === IN_BATCH ? exports.batchAnswer(waiting++) : state, item);
      });
    },
  };
}
