// SPDX-License-Identifier: Apache-2.0
// Slows guessing without giving anybody the means to lock another out: waits grow by (account, address) pair, never by
// account alone. What an account at large suffers is a delay, and addresses it signed in from are spared even that.
// Counts are stored: they hold after a restart and for every instance.
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { integer, record } from '@zhenglian/core/shape';
import type { Clock } from '../context.ts';
import { subscriberOf } from '../http/proxies.ts';
import { gatewayError } from '../problem-codes.ts';
import type { Table, TableChange } from '../store/table.ts';
import type { Vault } from '../store/vault.ts';
import { nameIndex } from './account-record.ts';

/** Where somebody tries to sign in. */
export interface Attempt {
  readonly name: string;
  readonly address: string;
}

/** Counts failures and says what they cost. */
export interface Throttle {
  /** The lock under which tries of one pair go one after the other: many at once would all be the first. */
  turnOf(attempt: Attempt): string;
  /** @throws SIGN_IN_WAIT while this pair has to wait */
  check(attempt: Attempt): Promise<void>;
  /** Whether this account signed in from here in the last thirty days. */
  isKnown(attempt: Attempt): Promise<boolean>;
  /** Whether the account is under attack from many addresses. */
  isPressed(attempt: Attempt): Promise<boolean>;
  failed(attempt: Attempt): Promise<void>;
  succeeded(attempt: Attempt): Promise<void>;
  /** Drops what has run out. */
  forget(): Promise<void>;
}

const FREE_FAILURES = 5;
const LONGEST_WAIT = 900;
const FORGOTTEN_AFTER = 86_400;
const PRESSED_FAILURES = 50;
const PRESSED_WINDOW = 3600;
const KNOWN_SECONDS = 30 * 86_400;
const counted = record({
  count: integer(0, 0xffff_ffff),
  at: integer(0, 0xff_ffff_ffff),
  until: integer(0, 0xff_ffff_ffff),
});
const NONE = { count: 0, at: 0, until: 0 };

/** The throttle over a table. */
export function createThrottle(store: Table, vault: Vault, clock: Clock): Throttle {
  const read = async (key: string) => {
    const stored = await store.get(key);
    const found = stored === undefined ? NONE : counted(decodeCbor(stored), 'count');
    return found.until <= clock() && found !== NONE ? NONE : found;
  };
  const put = (key: string, count: number, seconds: number): TableChange => ({
    key,
    value: encodeCbor({ count, at: clock(), until: clock() + seconds }),
  });
  const pairKey = (kind: string, { name, address }: Attempt) =>
    `throttle/${kind}/${vault.index(kind, JSON.stringify([nameIndex(vault, name), subscriberOf(address)]))}`;
  const wholeKey = ({ name }: Attempt) => `throttle/all/${nameIndex(vault, name)}`;
  return {
    turnOf: (attempt) => pairKey('pair', attempt),
    async check(attempt) {
      const { count, at } = await read(pairKey('pair', attempt));
      const left = at + waitAfter(count) - clock();
      if (left <= 0) return;
      throw gatewayError('SIGN_IN_WAIT', 'too many wrong tries from here: wait and try again', {
        detail: { retryAfter: left },
      });
    },
    isKnown: async (attempt) => (await read(pairKey('known', attempt))).count > 0,
    isPressed: async (attempt) => (await read(wholeKey(attempt))).count >= PRESSED_FAILURES,
    async failed(attempt) {
      const pair = pairKey('pair', attempt);
      const [own, all] = [await read(pair), await read(wholeKey(attempt))];
      await store.write([
        put(pair, own.count + 1, FORGOTTEN_AFTER),
        put(wholeKey(attempt), all.count + 1, PRESSED_WINDOW),
      ]);
    },
    async succeeded(attempt) {
      const known = put(pairKey('known', attempt), 1, KNOWN_SECONDS);
      await store.write([{ key: pairKey('pair', attempt) }, known]);
    },
    async forget() {
      const over: TableChange[] = [];
      for await (const { key, value } of store.range({ prefix: 'throttle/' })) {
        if (counted(decodeCbor(value), 'count').until <= clock()) over.push({ key });
      }
      await store.write(over);
    },
  };
}

/** Seconds to wait after so many failures: none for the first five, then doubling up to a quarter of an hour. */
export function waitAfter(failures: number): number {
  if (failures < FREE_FAILURES) return 0;
  return Math.min(LONGEST_WAIT, 2 ** Math.min(20, failures - FREE_FAILURES + 1));
}
