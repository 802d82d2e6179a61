// SPDX-License-Identifier: Apache-2.0
// Verb `restore`: a backup into an empty store. The trace in it may be behind its roots on the ledger, so the instance goes on
// with a trace of another name (open-store.ts); leases are settled by what the ledger says (issuance/lease.ts).
import { join } from 'node:path';
import type { StoreConfig } from '../config/store.ts';
import { gatewayError } from '../problem-codes.ts';
import { restoreBackup } from '../store/backup.ts';
import type { Manifest } from '../store/backup.ts';
import { openDatabase } from '../store/database.ts';
import { readKeyring } from '../store/keyring.ts';
import { OWN, RESTORED } from '../store/open-store.ts';
import { openPostgres } from '../store/postgres-client.ts';
import { openPostgresDatabase } from '../store/postgres-database.ts';
import { createVault } from '../store/vault.ts';

/** Restores it. @throws BACKUP_DAMAGED, STORE_NOT_EMPTY, STORE_CORRUPT when the master key is missing or another */
export async function restoreStore(
  folder: string,
  config: { readonly dataDir: string; readonly store: StoreConfig },
): Promise<Manifest> {
  const { databaseUrl, masterKeyPath } = config.store;
  const keyring = await readKeyring(masterKeyPath);
  if (keyring === undefined) {
    const message = `put the master keys back first: ${masterKeyPath}`;
    throw gatewayError('STORE_CORRUPT', message);
  }
  const vault = createVault(keyring);
  const local = await openDatabase(join(config.dataDir, 'store'));
  const shared =
    databaseUrl === undefined
      ? undefined
      : await openPostgresDatabase(openPostgres(databaseUrl), () => undefined);
  try {
    const manifest = await restoreBackup(folder, shared ?? local, (entry) => {
      const isOfDesk = entry.table === 'desk';
      if (isOfDesk && entry.key === 'vault') vault.unseal(entry.value, entry.key);
      // The name of one instance has no place in what several share: who starts there gets a name of its own.
      const isOwn = isOfDesk && (entry.key === 'instance' || entry.key === 'trace-name');
      return isOwn && shared !== undefined ? undefined : entry;
    });
    const own = local.table(shared === undefined ? 'desk' : OWN);
    await own.write([{ key: RESTORED, value: new Uint8Array(0) }]);
    return manifest;
  } finally {
    await shared?.close();
    await local.close();
  }
}
