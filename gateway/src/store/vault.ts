// SPDX-License-Identifier: Apache-2.0
// Encryption at rest under the master keys (keyring.ts), and keyed indexes, so that an ID number can be looked up without
// being a key of the store. What is newly sealed is SM4-GCM; AES-256-GCM of earlier versions is still opened.
import { createHmac } from 'node:crypto';
import { sm4 } from '@zhenglian/guomi';
import { gatewayError } from '../problem-codes.ts';
import { createKeyring, deriveKey, readKeyring, readKeyringNow, writeKeyring } from './keyring.ts';
import type { Keyring } from './keyring.ts';
import {
  ALGORITHM,
  isEmpty,
  openAes,
  openSm4,
  sealedWrong,
  sealSm4,
  SM4_KEY_BYTES,
} from './sealing.ts';

/** Seals and opens values, and makes keyed indexes. */
export interface Vault {
  /** `place` is authenticated, not hidden. */
  seal(clear: Uint8Array, place: string): Uint8Array;
  /** @throws STORE_CORRUPT when the value is not one that was sealed for this place */
  unseal(sealed: Uint8Array, place: string): Uint8Array;
  /** Whether a value is sealed under an older master key than the one that seals now. */
  isOld(sealed: Uint8Array): boolean;
  /** Goes on with another keyring of the same index key. */
  use(keyring: Keyring): void;
  /** 16 bytes of HMAC-SHA-256 in hex; another kind gives another index. */
  index(kind: string, text: string): string;
}

const AES_KEY_BYTES = 32;
const HEADER_BYTES = 3;
const INDEX_BYTES = 16;

/**
 * Opens the vault of a keyring file (mode 0600), which is made for an empty store, and never for one that holds values.
 * @throws STORE_CORRUPT, DATA_DIR_UNWRITABLE
 */
export async function openVault(
  path: string,
  store: { readonly isEmpty: boolean },
): Promise<Vault> {
  const kept = await readKeyring(path);
  if (kept !== undefined) return createVault(kept, () => readKeyringNow(path));
  if (!store.isEmpty) {
    throw gatewayError('STORE_CORRUPT', `${path} is missing: put it back from its backup`);
  }
  const made = createKeyring();
  await writeKeyring(path, made);
  return createVault(made, () => readKeyringNow(path));
}

/** The vault of a keyring. `reread` gives it anew when a value is under a key that is not in it yet. */
export function createVault(keyring: Keyring, reread?: () => Keyring | undefined): Vault {
  let held = deriveAll(keyring);
  const use = (next: Keyring) => {
    const before = held;
    held = deriveAll(next);
    for (const key of before.sm4.values()) key.close();
    before.aes?.fill(0);
  };
  const keyOf = (version: number) => {
    const again = held.sm4.has(version) ? undefined : reread?.();
    if (again !== undefined) use(again);
    const key = held.sm4.get(version);
    if (key === undefined) throw sealedWrong();
    return key;
  };
  return {
    seal: (clear, place) =>
      isEmpty(clear) ? clear : sealSm4(held.header, keyOf(held.newest), clear, place),
    unseal(sealed, place) {
      if (isEmpty(sealed)) return sealed;
      if (sealed[0] === ALGORITHM.sm4Gcm) {
        return openSm4(HEADER_BYTES, keyOf(versionOf(sealed)), sealed, place);
      }
      if (sealed[0] !== ALGORITHM.aes256Gcm || held.aes === undefined) throw sealedWrong();
      return openAes(held.aes, sealed, place);
    },
    isOld: (sealed) =>
      sealed[0] === ALGORITHM.aes256Gcm ||
      (sealed[0] === ALGORITHM.sm4Gcm && versionOf(sealed) !== held.newest),
    use,
    index: (kind, text) =>
      createHmac('sha256', keyring.indexKey)
        .update(`${kind}\0${text}`)
        .digest('hex')
        .slice(0, 2 * INDEX_BYTES),
  };
}

function deriveAll({ keys }: Keyring) {
  const first = keys.find(({ version }) => version === 1);
  const newest = keys.at(-1)?.version ?? 0;
  return {
    sm4: new Map(keys.map(({ version, key }) => [version, readyKey(key)])),
    aes: first && deriveKey(first.key, 'seal', AES_KEY_BYTES),
    newest,
    header: Uint8Array.of(ALGORITHM.sm4Gcm, newest >> 8, newest & 0xff),
  };
}

/** What depends on the key alone is computed once, not with every row. */
function readyKey(master: Uint8Array): sm4.GcmKey {
  const derived = deriveKey(master, 'seal-sm4', SM4_KEY_BYTES);
  const key = sm4.createGcmKey(derived);
  derived.fill(0);
  return key;
}

function versionOf(sealed: Uint8Array): number {
  return ((sealed[1] ?? 0) << 8) | (sealed[2] ?? 0);
}
