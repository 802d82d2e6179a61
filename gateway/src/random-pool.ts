// SPDX-License-Identifier: Apache-2.0
// Random bytes of the system, drawn many at once: asking for twelve costs more than sealing a row with them.
import { randomFillSync } from 'node:crypto';
import type { RandomBytes } from './context.ts';

const POOL_BYTES = 8192;

/** Random bytes from a pool of its own; what was given is wiped from it. */
export function createRandomPool(): RandomBytes {
  const pool = new Uint8Array(POOL_BYTES);
  let at = POOL_BYTES;
  return (length) => {
    if (length > POOL_BYTES / 8) return randomFillSync(new Uint8Array(length));
    if (at + length > POOL_BYTES) {
      randomFillSync(pool);
      at = 0;
    }
    const given = pool.slice(at, at + length);
    pool.fill(0, at, at + length);
    at += length;
    return given;
  };
}
