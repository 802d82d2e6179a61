// SPDX-License-Identifier: Apache-2.0
// Slows whoever tries codes that were never made: so many an address in a while. In memory: a restart forgives.
import type { Clock } from '../context.ts';
import { gatewayError } from '../problem-codes.ts';

/** Counts unknown codes by address. */
export interface UnknownCodes {
  /** @throws CLAIM_TRIES when this address has named too many */
  check(address: string): void;
  note(address: string): void;
}

const MOST = 10;
const WINDOW = 600;
const MOST_ADDRESSES = 10_000;

/** An empty count. */
export function countUnknownCodes(clock: Clock): UnknownCodes {
  const counts = new Map<string, { readonly since: number; count: number }>();
  const current = (address: string) => {
    const found = counts.get(address);
    return found !== undefined && clock() - found.since < WINDOW ? found : undefined;
  };
  return {
    check(address) {
      if ((current(address)?.count ?? 0) >= MOST) {
        throw gatewayError('CLAIM_TRIES', 'too many unknown codes from here: try again later');
      }
    },
    note(address) {
      const found = current(address) ?? { since: clock(), count: 0 };
      counts.delete(address);
      counts.set(address, { since: found.since, count: found.count + 1 });
      const oldest = counts.keys().next();
      if (counts.size > MOST_ADDRESSES && oldest.done !== true) counts.delete(oldest.value);
    },
  };
}
