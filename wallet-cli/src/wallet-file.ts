// SPDX-License-Identifier: Apache-2.0
// The wallet on disk: a LevelDB folder whose values are sealed under the passphrase; only random names are in the clear.
// A wallet is made beside its place and moved there whole: a kill leaves none or a good one. Every write is one synced batch.
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Level } from 'level';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { bytes, integer, record } from '@zhenglian/core/shape';
import { walletError } from './wallet-error.ts';
import { createSeal, SALT_BYTES } from './wallet-seal.ts';
import type { Seal } from './wallet-seal.ts';

/** A value to be kept under a key, or without a value the key to be deleted. */
export interface Change {
  readonly key: string;
  readonly value?: Uint8Array;
}

/** An open wallet. */
export interface WalletFile {
  /** @throws WALLET_CORRUPT */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Keys that begin so, in order. */
  keys(prefix: string): Promise<readonly string[]>;
  /** All of it or nothing. @throws WALLET_UNWRITABLE */
  write(changes: readonly Change[]): Promise<void>;
  /** Closes the folder and forgets the key. */
  close(): Promise<void>;
}

const HEADER = 'header';
const CHECK = 'check';
const FORMAT = 1;
const header = record({
  format: integer(FORMAT, FORMAT),
  salt: bytes(SALT_BYTES),
  check: bytes(undefined, 256),
});

type Database = Level<string, Uint8Array>;
const database = (dir: string): Database => new Level(dir, { valueEncoding: 'view' });

/** Makes a wallet where nothing is yet. @throws WALLET_EXISTS, WALLET_UNWRITABLE */
export async function createWalletFile(
  dir: string,
  passphrase: () => Promise<Uint8Array>,
): Promise<void> {
  if ((await listFolder(dir)).length > 0) {
    throw walletError('WALLET_EXISTS', 'the folder is not empty');
  }
  const salt = new Uint8Array(randomBytes(SALT_BYTES));
  const seal = await createSeal(await passphrase(), salt);
  const check = seal.seal(new Uint8Array(), CHECK);
  seal.wipe();
  const draft = `${dir}.new-${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(dirname(dir), { recursive: true, mode: 0o700 });
    await mkdir(draft, { mode: 0o700 });
    const db = database(draft);
    await db.put(HEADER, encodeCbor({ format: FORMAT, salt, check }), { sync: true });
    await db.close();
    await rename(draft, dir);
  } catch (cause) {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
    throw walletError('WALLET_UNWRITABLE', 'the wallet cannot be made here', { cause });
  }
}

/**
 * Opens a wallet; the passphrase is asked for only when there is one.
 * @throws WALLET_MISSING, WALLET_LOCKED, WALLET_CORRUPT, PASSPHRASE_WRONG
 */
export async function openWalletFile(
  dir: string,
  passphrase: () => Promise<Uint8Array>,
): Promise<WalletFile> {
  if ((await listFolder(dir)).length === 0) {
    throw walletError('WALLET_MISSING', 'there is no wallet here');
  }
  const db = database(dir);
  await openDatabase(db);
  try {
    return walletOf(db, await unlock(db, passphrase));
  } catch (error) {
    await db.close();
    throw error;
  }
}

async function listFolder(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw walletError('WALLET_UNWRITABLE', 'the wallet folder cannot be read', { cause });
  }
}

async function openDatabase(db: Database): Promise<void> {
  try {
    await db.open({ createIfMissing: false });
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    const isLocked = cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED';
    const code = isLocked ? 'WALLET_LOCKED' : 'WALLET_CORRUPT';
    throw walletError(code, 'the wallet folder does not open', { cause: error });
  }
}

async function unlock(db: Database, passphrase: () => Promise<Uint8Array>): Promise<Seal> {
  const { salt, check } = await readHeader(db);
  const seal = await createSeal(await passphrase(), salt);
  try {
    seal.open(check, CHECK);
    return seal;
  } catch (cause) {
    seal.wipe();
    throw walletError('PASSPHRASE_WRONG', 'the passphrase does not open this wallet', { cause });
  }
}

/** LevelDB gives undefined for a key it does not have, whatever its types say. */
function read(db: Database, key: string): Promise<Uint8Array | undefined> {
  return db.get(key);
}

async function readHeader(db: Database) {
  try {
    const stored = await read(db, HEADER);
    if (stored === undefined) throw new TypeError('no header');
    return header(decodeCbor(stored), HEADER);
  } catch (cause) {
    throw walletError('WALLET_CORRUPT', 'the head of the wallet cannot be read', { cause });
  }
}

function walletOf(db: Database, seal: Seal): WalletFile {
  const reading = <T>(read: () => Promise<T>) =>
    read().catch((cause: unknown) => {
      throw walletError('WALLET_CORRUPT', 'the wallet cannot be read', { cause });
    });
  return {
    async get(key) {
      const sealed = await reading(() => read(db, key));
      return sealed === undefined ? undefined : seal.open(sealed, key);
    },
    keys: (prefix) => reading(() => db.keys({ gte: prefix, lt: `${prefix}\uffff` }).all()),
    async write(changes) {
      const operations = changes.map(({ key, value }) =>
        value === undefined
          ? { type: 'del' as const, key }
          : { type: 'put' as const, key, value: seal.seal(value, key) },
      );
      try {
        await db.batch(operations, { sync: true });
      } catch (cause) {
        throw walletError('WALLET_UNWRITABLE', 'the wallet cannot be written', { cause });
      }
    },
    async close() {
      seal.wipe();
      await db.close();
    },
  };
}
