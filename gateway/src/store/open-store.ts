// SPDX-License-Identifier: Apache-2.0
// The store of one gateway, put together: LevelDB in DATA_DIR, or the PostgreSQL that the instances of a province share.
// What an instance rebuilds for itself (the replica) is in LevelDB of DATA_DIR either way.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fromUtf8, toHex, utf8 } from '@zhenglian/core/bytes';
import { CodedError, isCodedError } from '@zhenglian/core/errors';
import type { StoreConfig } from '../config/store.ts';
import type { RandomBytes } from '../context.ts';
import { createLocks } from '../locks.ts';
import type { Locks } from '../locks.ts';
import { gatewayError } from '../problem-codes.ts';
import { openDatabase } from './database.ts';
import type { Database } from './database.ts';
import { openPostgres } from './postgres-client.ts';
import { openPostgresDatabase } from './postgres-database.ts';
import { openPostgresLocks } from './postgres-locks.ts';
import { followKeyring } from './rotate-master-key.ts';
import { sealTable } from './sealed-table.ts';
import type { Table } from './table.ts';
import { openVault } from './vault.ts';
import type { Vault } from './vault.ts';

/** An open store. */
export interface Store {
  /** The tables; shared by the instances of a province where there are several. */
  readonly database: Database;
  /** LevelDB of DATA_DIR, of this instance alone. */
  readonly local: Database;
  readonly locks: Locks;
  readonly vault: Vault;
  /** The sealed table `desk`. */
  readonly desk: Table;
  /** The sealed table `accounts`. */
  readonly accounts: Table;
  /** The name of this instance on the ledger: made once, so that leases and trace roots stay its own. */
  readonly instance: string;
  /** The name of its trace on the ledger: the instance's, until a backup took its trace back to an earlier state. */
  readonly traceName: string;
  /** The trace names of every instance that ever used this store. */
  instances(): Promise<readonly string[]>;
  /** The sealed table of a trace. */
  trace(instance: string): Table;
  troubles(): readonly string[];
  close(): Promise<void>;
}

/** Where to open it, and for whom. */
export interface StoreOptions {
  readonly dataDir: string;
  readonly store: StoreConfig;
  readonly msp: string;
  readonly random: RandomBytes;
}

/** Written first of all, in a sealed table. */
const INSTANCE = 'instance';
const INSTANCES = 'instances/';
const MARK = 'vault';
/** Written with it: how rows are laid out. */
const FORMAT = 'format';
const THIS_FORMAT = '2';
const TRACE_NAME = 'trace-name';
/** The local table of an instance that shares its store. */
export const OWN = 'own';
/** Put there by a restore (operate/restore-store.ts). */
export const RESTORED = 'restored';
/** An instance knows a new master key after so long. */
export const FOLLOW_MS = 2000;

/** Opens a store where it stood. @throws DATA_DIR_LOCKED, DATA_DIR_UNWRITABLE, STORE_CORRUPT, STORE_UNAVAILABLE */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { databaseUrl, masterKeyPath } = options.store;
  await makeFolder(options.dataDir);
  const local = await openDatabase(join(options.dataDir, 'store'));
  const opened = [() => local.close()];
  const close = async () => {
    for (const end of opened.reverse()) await end();
  };
  try {
    const { database, locks } =
      databaseUrl === undefined
        ? { database: local, locks: createLocks() }
        : await openShared(databaseUrl, opened);
    const isShared = database !== local;
    const plain = database.table('desk');
    const marks = await plain.getMany([MARK, INSTANCE]);
    const vault = await openVault(masterKeyPath, {
      isEmpty: marks.every((mark) => mark === undefined),
    });
    const desk = sealTable(plain, vault);
    await checkVault(desk);
    await refuseOldStore(desk);
    // Of this instance alone; not sealed where another may change the master keys.
    const own = isShared ? local.table(OWN) : desk;
    const instance = await instanceOf(own, options);
    const traceName = await traceNameOf(own, instance, options);
    await desk.write([{ key: INSTANCES + traceName, value: utf8(options.msp) }]);
    if (!(await locks.keep(`instance/${instance}`))) {
      throw gatewayError(
        'STORE_CORRUPT',
        'another process runs as this instance: copy no DATA_DIR',
      );
    }
    opened.push(followKeyring(vault, masterKeyPath, FOLLOW_MS));
    return {
      database,
      local,
      locks,
      vault,
      desk,
      accounts: sealTable(database.table('accounts'), vault),
      instance,
      traceName,
      async instances() {
        const names: string[] = [];
        for await (const { key } of plain.range({ prefix: INSTANCES })) {
          names.push(key.slice(INSTANCES.length));
        }
        return names;
      },
      trace(name) {
        const isOnly = !isShared && name === instance;
        return sealTable(database.table(isOnly ? 'trace' : `trace-${name}`), vault);
      },
      troubles: () => [
        ...locks.troubles(),
        ...(database.isHealthy() ? [] : [isShared ? 'STORE_UNAVAILABLE' : 'STORAGE_FULL']),
        ...(isShared && !local.isHealthy() ? ['STORAGE_FULL'] : []),
      ],
      close,
    };
  } catch (cause) {
    await close();
    throw cause;
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new CodedError('DATA_DIR_UNWRITABLE', 'the data directory cannot be made', { cause });
  }
}

async function openShared(
  url: string,
  opened: (() => Promise<void>)[],
): Promise<{ readonly database: Database; readonly locks: Locks }> {
  const postgres = openPostgres(url);
  try {
    const locks = await openPostgresLocks(postgres);
    const database = await openPostgresDatabase(postgres, locks.fence);
    opened.push(() => database.close());
    opened.push(() => locks.close());
    return { database, locks };
  } catch (cause) {
    await postgres.close();
    throw cause;
  }
}

/** A row that opens under the right master key only. @throws STORE_CORRUPT */
async function checkVault(desk: Table): Promise<void> {
  try {
    if ((await desk.get(MARK)) === undefined) {
      await desk.write([
        { key: MARK, value: utf8('zhenglian'), ifAbsent: true },
        { key: FORMAT, value: utf8(THIS_FORMAT) },
      ]);
    }
  } catch (cause) {
    if (!isCodedError(cause, 'CONFLICT')) {
      const message = 'this store is sealed under another master key: MASTER_KEY';
      throw isCodedError(cause, 'STORE_CORRUPT')
        ? gatewayError('STORE_CORRUPT', message, { cause })
        : cause;
    }
    await desk.get(MARK);
  }
}

/** Rows of earlier versions are not understood here. @throws STORE_CORRUPT */
async function refuseOldStore(desk: Table): Promise<void> {
  const format = await desk.get(FORMAT);
  if (format !== undefined && fromUtf8(format) === THIS_FORMAT) return;
  const message = 'this store was made by an earlier version: start with a new DATA_DIR';
  throw gatewayError('STORE_CORRUPT', message);
}

/** A restored trace may be behind its roots on the ledger: it ends there, and another begins. */
async function traceNameOf(
  own: Table,
  instance: string,
  { random }: StoreOptions,
): Promise<string> {
  const [known, restored] = await own.getMany([TRACE_NAME, RESTORED]);
  if (restored === undefined) return known === undefined ? instance : fromUtf8(known);
  const name = `${instance}-${toHex(random(4))}`;
  await own.write([{ key: TRACE_NAME, value: utf8(name) }, { key: RESTORED }]);
  return name;
}

async function instanceOf(own: Table, { msp, random }: StoreOptions): Promise<string> {
  const known = await own.get(INSTANCE);
  if (known !== undefined) return fromUtf8(known);
  const instance = `${msp.toLowerCase()}-${toHex(random(8))}`;
  await own.write([{ key: INSTANCE, value: utf8(instance) }]);
  return instance;
}
