// SPDX-License-Identifier: Apache-2.0
// A key store in this process: encrypted files, opened when first used, behind the limits of whoever runs it. A folder
// has one user at a time: its count of signatures is a database that admits one process.
import { join } from 'node:path';
import { sm2 } from '@zhenglian/guomi';
import { toHex } from '@zhenglian/core/bytes';
import { isCodedError } from '@zhenglian/core/errors';
import { isUscc } from '@zhenglian/core/identifiers/uscc';
import { sigStructureMaker } from '@zhenglian/core/signing';
import type { SignedContent } from '@zhenglian/core/signing';
import type { Clock, RandomBytes } from '../context.ts';
import { gatewayError } from '../problem-codes.ts';
import { openDatabase } from '../store/database.ts';
import { openBulkSigner } from './bulk-signer.ts';
import type { BulkSigner, OpenBulkSigner } from './bulk-signer.ts';
import { createDayCount } from './day-count.ts';
import { listKeyFiles, openKeyFile, writeKeyFile } from './key-files.ts';
import type { KeyFile } from './key-files.ts';
import type { KeyInfo, KeySession, KeyStore } from './key-store.ts';
import { createLimits } from './limits.ts';
import type { KeyLimits } from './limits.ts';
import type { Limits } from './limits-file.ts';
import { openPassphrase } from './passphrase.ts';
import { refuse } from './refuse.ts';

export interface FileKeyStoreOptions {
  readonly folder: string;
  readonly passphraseFile: string;
  readonly limits: Limits | undefined;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Who signs: this thread unless given. */
  readonly openSigner?: OpenBulkSigner;
}

/** A store of files takes keys in too: those that a gateway kept in its own store before. */
export interface FileKeyStore extends KeyStore {
  adoptKey(authority: string, secretKey: Uint8Array): Promise<void>;
}

/** A key a month for ten years; more is somebody who fills the disk. */
const MOST_KEYS = 128;

/** Opens the keys of a folder. @throws SIGNER_KEYS, DATA_DIR_LOCKED when another process has it, DATA_DIR_UNWRITABLE */
export async function openFileKeyStore(options: FileKeyStoreOptions): Promise<FileKeyStore> {
  const { folder, clock, random } = options;
  const files = await listKeyFiles(folder);
  const database = await openDatabase(join(folder, 'count'));
  try {
    const isEmpty = files.length === 0;
    const passphrase = await openPassphrase(options.passphraseFile, { isEmpty }, random);
    const limits = createLimits(options.limits, createDayCount(database.table('count')), clock);
    const keys = new OpenKeys(options, files, passphrase, limits);
    // A wrong passphrase is told at the start, not at the first licence.
    const newest = files.at(-1);
    if (newest !== undefined) await keys.signer(newest);
    return {
      openSession: () => keys.openSession(),
      adoptKey: (authority, secretKey) => keys.adopt(authority, secretKey),
      troubles: () => (database.isHealthy() ? [] : ['STORAGE_FULL']),
      async close() {
        keys.close();
        await database.close();
      },
    };
  } catch (cause) {
    await database.close();
    throw cause;
  }
}

class OpenKeys {
  readonly #options: FileKeyStoreOptions;
  readonly #openSigner: OpenBulkSigner;
  readonly #passphrase: Uint8Array;
  readonly #limits: KeyLimits;
  readonly #signers = new Map<string, Promise<BulkSigner>>();
  /** The handle of a key is its place, counted from 1: keys are added and never removed. */
  readonly #files: KeyFile[];
  #writing: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(
    options: FileKeyStoreOptions,
    files: readonly KeyFile[],
    passphrase: Uint8Array,
    limits: KeyLimits,
  ) {
    this.#options = options;
    this.#openSigner = options.openSigner ?? openBulkSigner;
    this.#files = [...files];
    this.#passphrase = passphrase;
    this.#limits = limits;
  }

  openSession(): Promise<KeySession> {
    let isOpen = true;
    const whileOpen = async <T>(task: () => Promise<T> | T): Promise<T> => {
      if (!isOpen || this.#closed)
        throw gatewayError('SIGNER_UNAVAILABLE', 'the session is closed');
      return task();
    };
    return whileOpen(() => ({
      listKeys: () => whileOpen(() => this.#files.map(infoOf)),
      generateKey: (authority) => whileOpen(() => this.#generate(authority)),
      sign: (handle, contents) => whileOpen(() => this.#sign(handle, contents)),
      close: () => {
        isOpen = false;
        return Promise.resolve();
      },
    }));
  }

  async adopt(authority: string, secretKey: Uint8Array): Promise<void> {
    await this.#inTurn(() => this.#write(authority, secretKey));
  }

  /** The opened key of a file. */
  signer(file: KeyFile): Promise<BulkSigner> {
    const kid = toHex(file.kid);
    const known = this.#signers.get(kid);
    if (known !== undefined) return known;
    const opened = openKeyFile(file, this.#passphrase).then((secretKey) => {
      const signer = this.#openSigner(secretKey);
      secretKey.fill(0);
      return signer;
    });
    this.#signers.set(kid, opened);
    opened.catch(() => this.#signers.delete(kid));
    return opened;
  }

  close(): void {
    this.#closed = true;
    this.#passphrase.fill(0);
    for (const signer of this.#signers.values()) {
      void signer.then((opened) => opened.close()).catch(() => undefined);
    }
  }

  #generate(authority: string): Promise<KeyInfo> {
    return this.#inTurn(async () => {
      const own = this.#files.filter((file) => file.authority === authority);
      if (own.length >= MOST_KEYS) throw refuse('keys', 'the authority has too many keys');
      const { secretKey } = sm2.generateKeyPair(this.#options.random);
      const place = await this.#write(authority, secretKey);
      secretKey.fill(0);
      return place;
    });
  }

  async #write(authority: string, secretKey: Uint8Array): Promise<KeyInfo> {
    // It becomes part of a file's name.
    if (!isUscc(authority)) throw refuse('authority', 'an authority is named by its USCC');
    const { folder, clock } = this.#options;
    // Of two keys made in one second the later one is the newer one.
    const newest = Math.max(0, ...this.#files.map(({ createdAt }) => createdAt));
    const key = { authority, secretKey, createdAt: Math.max(clock(), newest + 1) };
    const file = await writeKeyFile(folder, key, this.#passphrase);
    const known = this.#files.findIndex(({ path }) => path === file.path);
    if (known >= 0) this.#files[known] = file;
    else this.#files.push(file);
    return infoOf(file, known >= 0 ? known : this.#files.length - 1);
  }

  async #sign(handle: number, contents: readonly SignedContent[]): Promise<readonly Uint8Array[]> {
    const file = this.#files[handle - 1];
    if (file === undefined) throw gatewayError('SIGNER_KEY_UNKNOWN', 'there is no such key here');
    const signer = await this.signer(file);
    await this.#limits.admit(infoOf(file, handle - 1), contents);
    return signAll(signer, contents.map(structuresOf(file.kid)));
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#writing.then(task, task);
    this.#writing = done.catch(() => undefined);
    return done;
  }
}

/** What contents share is encoded once as long as they share it. */
function structuresOf(kid: Uint8Array): (content: SignedContent) => Uint8Array {
  let last: SignedContent | undefined;
  let make: ((payload: Uint8Array) => Uint8Array) | undefined;
  return (content) => {
    const isSame = last?.purpose === content.purpose && last.networkId === content.networkId;
    if (make === undefined || !isSame) make = sigStructureMaker({ ...content, kid });
    last = content;
    return make(content.payload);
  };
}

async function signAll(
  signer: BulkSigner,
  messages: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  try {
    return await signer.signBatch(messages);
  } catch (cause) {
    if (isCodedError<string>(cause)) throw cause;
    // A fault that was noticed, no random bytes, a closed signer: nothing was given out.
    throw gatewayError('SIGNER_UNAVAILABLE', 'the key could not sign', { cause });
  }
}

function infoOf({ authority, publicKey, kid, createdAt }: KeyFile, place: number): KeyInfo {
  return { handle: place + 1, authority, publicKey, kid, createdAt };
}
