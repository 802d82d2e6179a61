// SPDX-License-Identifier: Apache-2.0
// Encryption at rest: AES-256-GCM under a key of this data directory, the algorithm named in the first byte, the
// place of a value authenticated with it, so that no value opens in another's place. And keyed indexes, so that
// an ID number can be looked up without being a key of the store.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { concat, utf8 } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import { gatewayError } from '../problem-codes.ts';

/** Seals and opens values, and makes keyed indexes. */
export interface Vault {
  /** `place` is authenticated, not hidden. */
  seal(clear: Uint8Array, place: string): Uint8Array;
  /** @throws STORE_CORRUPT when the value is not one that was sealed for this place */
  unseal(sealed: Uint8Array, place: string): Uint8Array;
  /** HMAC-SHA-256 in hex; another kind gives another index. */
  index(kind: string, text: string): string;
}

const AES_256_GCM = 1;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Opens the vault of a data directory; its `master.key` (mode 0600) is made for an empty store, and never for one that holds values.
 * @throws STORE_CORRUPT, DATA_DIR_UNWRITABLE
 */
export async function openVault(
  dataDir: string,
  store: { readonly isEmpty: boolean },
): Promise<Vault> {
  const path = join(dataDir, 'master.key');
  const kept = await readKey(path);
  if (kept === undefined && !store.isEmpty) {
    throw gatewayError('STORE_CORRUPT', 'master.key is missing: put it back from its backup');
  }
  const master = kept ?? (await makeKey(dataDir, path));
  const derive = (purpose: string) =>
    new Uint8Array(hkdfSync('sha256', master, '', `zhenglian/${purpose}`, KEY_BYTES));
  return createVault(derive('seal'), derive('index'));
}

/** A vault of two keys of 32 bytes. */
export function createVault(sealKey: Uint8Array, indexKey: Uint8Array): Vault {
  return {
    seal(clear, place) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealKey, nonce);
      cipher.setAAD(utf8(place));
      const body = concat(cipher.update(clear), cipher.final());
      return concat(Uint8Array.of(AES_256_GCM), nonce, body, cipher.getAuthTag());
    },
    unseal(sealed, place) {
      if (sealed[0] !== AES_256_GCM || sealed.length < 1 + NONCE_BYTES + TAG_BYTES) {
        throw gatewayError('STORE_CORRUPT', 'a stored value is sealed in no known way');
      }
      const end = sealed.length - TAG_BYTES;
      const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', sealKey, nonce);
      decipher.setAAD(utf8(place));
      decipher.setAuthTag(sealed.subarray(end));
      try {
        return concat(decipher.update(sealed.subarray(1 + NONCE_BYTES, end)), decipher.final());
      } catch (cause) {
        throw gatewayError('STORE_CORRUPT', 'a stored value does not open', { cause });
      }
    },
    index: (kind, text) =>
      createHmac('sha256', indexKey).update(kind).update('\0').update(text).digest('hex'),
  };
}

async function readKey(path: string): Promise<Uint8Array | undefined> {
  let key: Uint8Array;
  try {
    key = new Uint8Array(await readFile(path));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new CodedError('DATA_DIR_UNWRITABLE', 'master.key cannot be read', { cause });
  }
  if (key.length !== KEY_BYTES) throw gatewayError('STORE_CORRUPT', 'master.key has a wrong size');
  return key;
}

/** Written under another name first: a kill leaves no half key. The folder is synced too: values sealed under a key that a power cut takes back would be lost. */
async function makeKey(dataDir: string, path: string): Promise<Uint8Array> {
  const key = new Uint8Array(randomBytes(KEY_BYTES));
  try {
    const file = await open(`${path}.new`, 'w', 0o600);
    await file.writeFile(key);
    await file.sync();
    await file.close();
    await rename(`${path}.new`, path);
    const folder = await open(dataDir, 'r');
    await folder.sync();
    await folder.close();
  } catch (cause) {
    throw new CodedError('DATA_DIR_UNWRITABLE', 'master.key cannot be written', { cause });
  }
  return key;
}
