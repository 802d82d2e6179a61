// SPDX-License-Identifier: Apache-2.0
// Passwords as argon2id (RFC 9106, parameters of OWASP); the only place that knows the library. Hashing is heavy on
// purpose, so few run at once, and who comes from a known address does not wait behind strangers.
import { argon2id, hash, verify } from 'argon2';
import { gatewayError } from '../problem-codes.ts';

/** Hashes and compares. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** The same work when there is no hash to compare with. @throws SIGN_IN_BUSY */
  matches(stored: string | undefined, password: string, lane: Lane): Promise<boolean>;
}

/** Addresses that an account signed in from have a lane of their own. */
export type Lane = 'known' | 'unknown';

/** 19 MiB, two passes, one lane: the least of OWASP's recommendations that fits a small machine. */
const COST = { type: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const LEAST_CHARACTERS = 12;
const AT_ONCE = 2;
const MOST_WAITING = 32;

/** Opens the hasher; the hash of nobody is made once, so that unknown names cost what known ones do. */
export async function openPasswords(nobody: string): Promise<Passwords> {
  const hashOf = (password: string) => hash(password.normalize('NFKC'), COST);
  const ofNobody = await hashOf(nobody);
  const lanes = { known: createLane(), unknown: createLane() };
  return {
    hash: hashOf,
    async matches(stored, password, lane) {
      const same = await lanes[lane](() => verify(stored ?? ofNobody, password.normalize('NFKC')));
      return same && stored !== undefined;
    },
  };
}

/** Long enough, and not the name. @throws PASSWORD_WEAK */
export function requireStrong(password: string, name: string): void {
  const text = password.normalize('NFKC').toLowerCase();
  if ([...text].length >= LEAST_CHARACTERS && !text.includes(name.toLowerCase())) return;
  throw gatewayError('PASSWORD_WEAK', 'a password has twelve characters or more, without the name');
}

function createLane(): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= AT_ONCE) {
      if (waiting.length >= MOST_WAITING) {
        throw gatewayError('SIGN_IN_BUSY', 'too many sign in at once: try again in a moment');
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next(); // it takes over this place
    }
  };
}
