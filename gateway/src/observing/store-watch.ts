// SPDX-License-Identifier: Apache-2.0
// Whether the store takes what it is given. A refusal is told for ten seconds at least, so that whoever asks now and then
// sees it, and until a write succeeds; a small one is tried from time to time, or an idle gateway would never know.
import { isCodedError } from '@zhenglian/core/errors';
import type { Clock } from '../context.ts';
import type { Database } from '../store/database.ts';
import type { Store } from '../store/open-store.ts';

/** How the store stands. */
export interface StoreWatch {
  /** A write failed. */
  readonly refused: (error: unknown) => void;
  readonly isHealthy: () => boolean;
  /** Codes for `/readyz`. */
  readonly troubles: () => readonly string[];
  /** Tries whether a database that refused takes something again. */
  probe(): Promise<void>;
}

/** Seconds. */
const REFUSED_FOR = 10;

/** Watches an open store. */
export function watchStore(
  store: Pick<Store, 'database' | 'local' | 'troubles'>,
  clock: Clock,
): StoreWatch {
  const refusals = new Map<string, number>();
  const recent = () => {
    const since = clock() - REFUSED_FOR;
    return [...refusals].filter(([, at]) => at >= since).map(([code]) => code);
  };
  const troubles = () => [...new Set([...store.troubles(), ...recent()])];
  return {
    refused: (error) => {
      for (const code of ['STORAGE_FULL', 'STORE_UNAVAILABLE']) {
        if (isCodedError(error, code)) refusals.set(code, clock());
      }
    },
    isHealthy: () => troubles().length === 0,
    troubles,
    async probe() {
      for (const database of new Set([store.database, store.local])) await tryWrite(database);
    },
  };
}

async function tryWrite(database: Database): Promise<void> {
  if (database.isHealthy()) return;
  await database
    .table('probe')
    .write([{ key: 'probe', value: new Uint8Array(1) }])
    .catch(() => undefined);
}
