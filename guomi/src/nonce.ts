// SPDX-License-Identifier: Apache-2.0
// What goes into a nonce: k = HMAC-SM3(d, e ‖ 32 fresh random bytes ‖ mode ‖ counter), so that neither
// a broken generator nor a glitch that repeats a digest gives the key away. The engine does the HMAC.
import { asBytes } from './bytes.ts';
import { GuomiError } from './errors.ts';

/** A source of random bytes: a certified generator can stand here. */
export type RandomBytes = (length: number) => Uint8Array;

const HEDGED = 1;
const DETERMINISTIC = 2;

/** Returns the platform's generator (Web Crypto: Node, browsers, workers, Deno, Bun). */
export function platformRandom(length: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}

const POOL_BYTES = 4096;
let pool: Uint8Array = new Uint8Array(0);

/**
 * The platform's bytes, fetched many at a time, each given out once and cleared: a call of the
 * platform's generator costs a fifth of a signature. Only hedges nonces and blinds products; no key
 * comes from here.
 */
export function pooledRandom(length: number): Uint8Array {
  if (pool.length < length) pool = platformRandom(Math.max(POOL_BYTES, length));
  const bytes = pool.slice(0, length);
  pool.fill(0, 0, length);
  pool = pool.subarray(length);
  return bytes;
}

/** Draws `length` bytes and refuses a source that returns another length or only zeros. */
export function draw(random: RandomBytes, length: number): Uint8Array {
  const bytes = asBytes(random(length), 'random bytes');
  // All bytes are looked at: where the first one differs from zero is nobody's business.
  if (bytes.length !== length || bytes.reduce((any, byte) => any | byte, 0) === 0) {
    throw new GuomiError('RANDOM_FAILED', `the random source did not give ${length} random bytes`);
  }
  return bytes;
}

/** 32 fresh bytes (zeros without a source), the mode, and a counter that starts at 0. */
export function freshBytes(random: RandomBytes | undefined): Uint8Array {
  const fresh = new Uint8Array(34);
  if (random !== undefined) fresh.set(draw(random, 32));
  fresh[32] = random === undefined ? DETERMINISTIC : HEDGED;
  return fresh;
}
