// SPDX-License-Identifier: Apache-2.0
// Verb `rotate-master-key`: a new master key for an open store, by one instance at a time.
import type { StoreConfig } from '../config/store.ts';
import { FOLLOW_MS } from '../store/open-store.ts';
import type { Store } from '../store/open-store.ts';
import { rotateMasterKey, sealedTables } from '../store/rotate-master-key.ts';
import type { Rotation } from '../store/rotate-master-key.ts';

/** Rotates; goes on with a rotation that a kill cut short. */
export function rotateStore(
  store: Pick<Store, 'database' | 'locks' | 'vault' | 'instances'>,
  config: { readonly store: StoreConfig },
): Promise<Rotation> {
  return store.locks.hold('rotate-master-key', async () =>
    rotateMasterKey({
      database: store.database,
      tables: sealedTables(await store.instances()),
      vault: store.vault,
      masterKeyPath: config.store.masterKeyPath,
      othersReadWithin: config.store.databaseUrl === undefined ? 0 : 3 * FOLLOW_MS,
    }),
  );
}
