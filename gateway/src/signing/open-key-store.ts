// SPDX-License-Identifier: Apache-2.0
// The key store that a gateway is set to, and the way of keys into it that earlier versions kept in the gateway's store.
import { decodeCbor } from '@zhenglian/core/cbor';
import { bytes } from '@zhenglian/core/shape';
import type { Clock, RandomBytes } from '../context.ts';
import { gatewayError } from '../problem-codes.ts';
import type { Table } from '../store/table.ts';
import type { OpenBulkSigner } from './bulk-signer.ts';
import { openFileKeyStore } from './file-key-store.ts';
import type { FileKeyStore } from './file-key-store.ts';
import type { KeyStore } from './key-store.ts';
import { openRemoteKeyStore } from './remote-key-store.ts';
import type { SignerConfig } from './signer-settings.ts';

export interface OpenKeyStoreParts {
  /** The gateway's sealed store. */
  readonly store: Table;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly openSigner: OpenBulkSigner;
}

const OLD_KEYS = 'key/';

/** Opens it. A read-only gateway has none. @throws SIGNER_KEYS, DATA_DIR_LOCKED, CONFIG_INVALID */
export async function openKeyStore(
  signer: SignerConfig | undefined,
  parts: OpenKeyStoreParts,
): Promise<KeyStore> {
  if (signer === undefined) return noKeys();
  if (signer.kind === 'remote') {
    await requireNoOldKeys(parts.store);
    return openRemoteKeyStore({ address: signer.address });
  }
  const keys = await openFileKeyStore({ ...signer, ...parts });
  try {
    await moveOldKeys(parts.store, keys);
    return keys;
  } catch (cause) {
    await keys.close();
    throw cause;
  }
}

/** A key is a file, durably, before its row goes: a kill in between moves it again to the same file. */
async function moveOldKeys(store: Table, keys: FileKeyStore): Promise<void> {
  for await (const { key, value } of store.range({ prefix: OLD_KEYS })) {
    const secretKey = bytes(32)(decodeCbor(value), 'key');
    await keys.adoptKey(key.slice(OLD_KEYS.length), secretKey);
    secretKey.fill(0);
    await store.write([{ key }]);
  }
}

async function requireNoOldKeys(store: Table): Promise<void> {
  for await (const { key } of store.range({ prefix: OLD_KEYS, limit: 1 })) {
    throw gatewayError(
      'CONFIG_INVALID',
      `this gateway still has ${key}: start it once with SIGNER=file, then give its keys to the signer (docs/signer.md §2)`,
    );
  }
}

function noKeys(): KeyStore {
  return {
    openSession: () => Promise.reject(gatewayError('READ_ONLY', 'this gateway has no keys')),
    troubles: () => [],
    close: () => Promise.resolve(),
  };
}
