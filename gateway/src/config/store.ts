// SPDX-License-Identifier: Apache-2.0
// Where a gateway keeps its things: LevelDB in DATA_DIR, or a PostgreSQL that the province's instances share.
import { join } from 'node:path';
import { demand } from './reading.ts';
import type { Environment, Read } from './reading.ts';

/** Settings of the store, with what they mean. */
export const STORE_SETTINGS = {
  DATABASE_URL: 'postgres:// URL of a database that the instances of the province share (none)',
  MASTER_KEY: 'file of the master keys, mode 0600; needed with DATABASE_URL (DATA_DIR/master.key)',
} as const;

/** Where the store and its master keys are. */
export interface StoreConfig {
  /** Without one the store is LevelDB in the data directory. */
  readonly databaseUrl?: string;
  readonly masterKeyPath: string;
}

/** Reads the settings; notes what is wrong. */
export function parseStore(
  env: Environment,
  read: Read<keyof typeof STORE_SETTINGS>,
  dataDir: string | undefined,
): StoreConfig | undefined {
  const isShared = env['DATABASE_URL'] !== undefined;
  const standard = isShared ? undefined : join(dataDir ?? '.', 'master.key');
  const masterKeyPath = read('MASTER_KEY', (text) => text, standard);
  const databaseUrl = isShared ? read('DATABASE_URL', parseUrl) : undefined;
  if (masterKeyPath === undefined || (isShared && databaseUrl === undefined)) return undefined;
  return databaseUrl === undefined ? { masterKeyPath } : { masterKeyPath, databaseUrl };
}

function parseUrl(text: string): string {
  return demand(text, /^postgres(ql)?:\/\/\S+$/);
}
