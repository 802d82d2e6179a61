// SPDX-License-Identifier: Apache-2.0
// Verb `backup`: a copy of an open store as of one moment. The master keys are left out unless they are asked for: whoever
// has both can read everything.
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { StoreConfig } from '../config/store.ts';
import { writeBackup } from '../store/backup.ts';
import type { Manifest } from '../store/backup.ts';
import type { Store } from '../store/open-store.ts';

const order = z.strictObject({ folder: z.string().min(1), withMasterKey: z.boolean() });

/** Writes it. @throws BACKUP_FOLDER, STORAGE_FULL */
export async function backupStore(
  store: Pick<Store, 'database'>,
  asked: unknown,
  config: { readonly msp: string; readonly store: StoreConfig },
  at: number,
): Promise<Manifest> {
  const { folder, withMasterKey } = order.parse(asked);
  const manifest = await writeBackup(store.database, folder, { msp: config.msp, at });
  if (withMasterKey) await copyFile(config.store.masterKeyPath, join(folder, 'master.key'));
  return manifest;
}
