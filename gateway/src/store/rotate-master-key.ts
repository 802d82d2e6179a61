// SPDX-License-Identifier: Apache-2.0
// Gives a store a new master key: the keyring gets one key more, every value under an older one (wrapped data keys among
// them) is sealed anew, page by page, and when none is left the old keys go. Values stay readable all the time. A kill
// leaves a keyring of several keys: the next rotation goes on with it. Values under data keys stay as they are.
import { setTimeout as pause } from 'node:timers/promises';
import { gatewayError } from '../problem-codes.ts';
import type { Database } from './database.ts';
import { addKey, dropOldKeys, readKeyring, writeKeyring } from './keyring.ts';
import type { Vault } from './vault.ts';

/** What a rotation did. */
export interface Rotation {
  /** The version that seals now. */
  readonly version: number;
  readonly resealed: number;
}

export interface RotationParts {
  readonly database: Database;
  /** Names of the sealed tables. */
  readonly tables: readonly string[];
  readonly vault: Vault;
  readonly masterKeyPath: string;
  /** Other instances seal under the old key until they have read the file again. */
  readonly othersReadWithin: number;
}

/** Rotates, or goes on with a rotation that was cut short. @throws STORE_CORRUPT, STORAGE_FULL, STORE_UNAVAILABLE */
export async function rotateMasterKey(parts: RotationParts): Promise<Rotation> {
  const { vault, masterKeyPath, tables } = parts;
  const kept = await readKeyring(masterKeyPath);
  if (kept === undefined) throw gatewayError('STORE_CORRUPT', `${masterKeyPath} is missing`);
  const keyring = kept.keys.length > 1 ? kept : addKey(kept);
  if (keyring !== kept) await writeKeyring(masterKeyPath, keyring);
  vault.use(keyring);
  await pause(parts.othersReadWithin);
  let resealed = 0;
  for (;;) {
    let found = 0;
    for (const table of tables) found += await resealTable(parts.database, vault, table);
    if (found === 0) break; // a whole pass without one: only now may the old keys go
    resealed += found;
  }
  const left = dropOldKeys(keyring);
  await writeKeyring(masterKeyPath, left);
  vault.use(left);
  return { version: left.keys[0]?.version ?? 0, resealed };
}

async function resealTable(database: Database, vault: Vault, name: string): Promise<number> {
  let found = 0;
  for (let after: string | undefined = ''; after !== undefined;) {
    after = await database.rewrite(name, after, ({ key, value }) => {
      if (!vault.isOld(value)) return undefined;
      found += 1;
      return vault.seal(vault.unseal(value, key), key);
    });
  }
  return found;
}

/** The sealed tables of a store that these instances use. */
export function sealedTables(traces: readonly string[]): readonly string[] {
  return ['desk', 'accounts', 'trace', ...traces.map((name) => `trace-${name}`)];
}

/** Reads the keyring again from time to time, so that an instance seals under a key that another has added. */
export function followKeyring(vault: Vault, path: string, every: number): () => Promise<void> {
  const timer = setInterval(() => {
    void readKeyring(path).then(
      (keyring) => keyring && vault.use(keyring),
      () => undefined,
    );
  }, every);
  timer.unref();
  return () => {
    clearInterval(timer);
    return Promise.resolve();
  };
}
