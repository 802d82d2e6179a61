// SPDX-License-Identifier: Apache-2.0
// The file of master keys (mode 0600): every version that a value may still be sealed under, and the key of the indexes,
// which stays. JSON; a file of 32 bytes is what earlier versions made: one key, from which both were derived.
import { hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fromBase64, toBase64 } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import { z } from 'zod';
import { gatewayError } from '../problem-codes.ts';

/** A master key; its version is written into every value that it sealed. */
export interface MasterKey {
  readonly version: number;
  readonly key: Uint8Array;
}

/** All master keys, the newest last: that one seals. */
export interface Keyring {
  readonly keys: readonly MasterKey[];
  readonly indexKey: Uint8Array;
}

const KEY_BYTES = 32;
const key32 = z.string().regex(/^[A-Za-z0-9+/]{43}=$/);
const keyringFile = z.strictObject({
  keyring: z.literal(1),
  index: key32,
  keys: z
    .array(z.strictObject({ version: z.int().min(1).max(65_535), key: key32 }))
    .min(1)
    .refine((keys) => keys.every(({ version }, i) => version > (keys[i - 1]?.version ?? 0))),
});

/** Reads a keyring; undefined when there is no such file. @throws STORE_CORRUPT, DATA_DIR_UNWRITABLE */
export async function readKeyring(path: string): Promise<Keyring | undefined> {
  let content: Uint8Array;
  try {
    content = new Uint8Array(await readFile(path));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new CodedError('DATA_DIR_UNWRITABLE', `${path} cannot be read`, { cause });
  }
  return parseKeyring(content, path);
}

/** The same for who cannot wait; undefined when it cannot be had. */
export function readKeyringNow(path: string): Keyring | undefined {
  try {
    return parseKeyring(new Uint8Array(readFileSync(path)), path);
  } catch {
    return undefined;
  }
}

function parseKeyring(content: Uint8Array, path: string): Keyring {
  if (content.length === KEY_BYTES) {
    const indexKey = deriveKey(content, 'index', KEY_BYTES);
    return { keys: [{ version: 1, key: content }], indexKey };
  }
  try {
    const { keys, index } = keyringFile.parse(JSON.parse(Buffer.from(content).toString('utf8')));
    return {
      keys: keys.map(({ version, key }) => ({ version, key: fromBase64(key) })),
      indexKey: fromBase64(index),
    };
  } catch (cause) {
    throw gatewayError('STORE_CORRUPT', `${path} is no keyring: put it back from its backup`, {
      cause,
    });
  }
}

/** A keyring of one fresh key. */
export function createKeyring(): Keyring {
  const fresh = () => new Uint8Array(randomBytes(KEY_BYTES));
  return { keys: [{ version: 1, key: fresh() }], indexKey: fresh() };
}

/** The same with one key more, which seals from now on. */
export function addKey({ keys, indexKey }: Keyring): Keyring {
  const version = (keys.at(-1)?.version ?? 0) + 1;
  return { keys: [...keys, { version, key: new Uint8Array(randomBytes(KEY_BYTES)) }], indexKey };
}

/** The same with the newest key only. */
export function dropOldKeys({ keys, indexKey }: Keyring): Keyring {
  return { keys: keys.slice(-1), indexKey };
}

/** Written under another name first: a kill leaves no half key. The folder is synced too: values sealed under a key that a power cut takes back would be lost. @throws DATA_DIR_UNWRITABLE */
export async function writeKeyring(path: string, keyring: Keyring): Promise<void> {
  const keys = keyring.keys.map(({ version, key }) => ({ version, key: toBase64(key) }));
  const content = { keyring: 1, index: toBase64(keyring.indexKey), keys };
  try {
    const file = await open(`${path}.new`, 'w', 0o600);
    await file.writeFile(`${JSON.stringify(content)}\n`);
    await file.sync();
    await file.close();
    await rename(`${path}.new`, path);
    const folder = await open(dirname(path), 'r');
    await folder.sync();
    await folder.close();
  } catch (cause) {
    throw new CodedError('DATA_DIR_UNWRITABLE', `${path} cannot be written`, { cause });
  }
}

/** A key for one purpose. */
export function deriveKey(master: Uint8Array, purpose: string, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', master, '', `zhenglian/${purpose}`, length));
}
