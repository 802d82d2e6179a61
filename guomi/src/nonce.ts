// SPDX-License-Identifier: Apache-2.0
// Nonces for signing: HMAC-SM3 under the secret key over digest and 32 fresh random bytes, so that
// neither a broken generator nor a glitch that repeats a digest gives the key away.
import { asBytes, concatBytes } from './bytes.ts';
import { GuomiError } from './errors.ts';
import { hmac } from './sm3.ts';

/** A source of random bytes: a certified generator can stand here. */
export type RandomBytes = (length: number) => Uint8Array;

const HEDGED = 1;
const DETERMINISTIC = 2;

/** Returns the platform's generator (Web Crypto: Node, browsers, workers, Deno, Bun). */
export function platformRandom(length: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}

/** Draws `length` bytes and refuses a source that returns another length or only zeros. */
export function draw(random: RandomBytes, length: number): Uint8Array {
  const bytes = asBytes(random(length), 'random bytes');
  if (bytes.length !== length || bytes.every((byte) => byte === 0)) {
    throw new GuomiError('RANDOM_FAILED', `the random source did not give ${length} random bytes`);
  }
  return bytes;
}

/** Returns the stream of nonce candidates for one signature; without `random` it is deterministic. */
export function nonces(
  secretKey: Uint8Array,
  digest: Uint8Array,
  random: RandomBytes | undefined,
): () => Uint8Array {
  const fresh = random === undefined ? new Uint8Array(32) : draw(random, 32);
  const mode = random === undefined ? DETERMINISTIC : HEDGED;
  let counter = 0;
  return () => {
    const tail = Uint8Array.of(mode, counter);
    counter += 1;
    return hmac(secretKey, concatBytes(digest, fresh, tail));
  };
}
