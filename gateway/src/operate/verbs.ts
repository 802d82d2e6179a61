// SPDX-License-Identifier: Apache-2.0
// The verbs of npm run gateway. On LevelDB a running gateway has the store: it is asked by an order (orders.ts).
import { isCodedError } from '@zhenglian/core/errors';
import { parseStore, STORE_SETTINGS } from '../config/store.ts';
import { readerOf } from '../config/reading.ts';
import type { Environment } from '../config/reading.ts';
import type { StoreConfig } from '../config/store.ts';
import type { RandomBytes } from '../context.ts';
import { gatewayError } from '../problem-codes.ts';
import { checkBackup } from '../store/backup.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/open-store.ts';
import { backupStore } from './backup-store.ts';
import {
  createAdministrator,
  orderAdministrator,
  partsOfStore,
  tellAdministrator,
} from './create-administrator.ts';
import { placeOrder } from './orders.ts';
import { restoreStore } from './restore-store.ts';
import { rotateStore } from './rotate-store.ts';

/** How a verb was called. */
export interface Call {
  readonly env: Environment;
  readonly operands: readonly string[];
  readonly withMasterKey: boolean;
  /** Of an account. */
  readonly name?: string | undefined;
  readonly now: number;
  readonly random: RandomBytes;
}

/** A verb. */
export interface Verb {
  readonly help: string;
  readonly operands: number;
  /** Takes --name. */
  readonly named?: true;
  /** @throws CodedError */
  run(call: Call): Promise<object>;
  /** What a person reads of what was done; name and value by line unless given. */
  tell?(done: object): string;
}

const SETTINGS = {
  ...STORE_SETTINGS,
  MSP: 'MSP id of the organisation, P44',
  DATA_DIR: 'folder of the database',
} as const;

/** By name. */
export const VERBS: Readonly<Record<string, Verb>> = {
  backup: {
    help: 'backup <folder> [--with-master-key]: a copy of the store as of now',
    operands: 1,
    run: ({ env, operands: [folder = ''], withMasterKey, now, random }) => {
      const config = readSettings(env);
      const order = { folder, withMasterKey };
      return onStore(config, random, 'backup', order, (store) =>
        backupStore(store, order, config, now),
      );
    },
  },
  'check-backup': {
    help: 'check-backup <folder>: whether a backup is whole',
    operands: 1,
    run: ({ operands: [folder = ''] }) => checkBackup(folder),
  },
  restore: {
    help: 'restore <folder>: a backup into an empty store',
    operands: 1,
    run: ({ env, operands: [folder = ''] }) => restoreStore(folder, readSettings(env)),
  },
  'rotate-master-key': {
    help: 'rotate-master-key: a new master key; goes on with a rotation that was cut short',
    operands: 0,
    run: ({ env, random }) => {
      const config = readSettings(env);
      return onStore(config, random, 'rotate-master-key', {}, (store) =>
        rotateStore(store, config),
      );
    },
  },
  'create-administrator': {
    help: 'create-administrator --name <name>: the first account; prints a one-time activation code',
    operands: 0,
    named: true,
    run: async ({ env, name, now, random }) => {
      const { order, invitation } = orderAdministrator(name, random, now);
      const done = await onStore(
        readSettings(env),
        random,
        'create-administrator',
        order,
        (store) => createAdministrator(partsOfStore(store, { random, now }), order),
      );
      return { ...done, invitation, expiresAt: order.expiresAt };
    },
    tell: tellAdministrator,
  },
};

interface Settings {
  readonly msp: string;
  readonly dataDir: string;
  readonly store: StoreConfig;
}

/** @throws CONFIG_INVALID */
function readSettings(env: Environment): Settings {
  const problems: string[] = [];
  const read = readerOf(SETTINGS, env, problems);
  const msp = read('MSP', (text) => text);
  const dataDir = read('DATA_DIR', (text) => text);
  const store = parseStore(env, read, dataDir);
  if (msp === undefined || dataDir === undefined || store === undefined) {
    throw gatewayError('CONFIG_INVALID', problems.join('\n'), { detail: problems });
  }
  return { msp, dataDir, store };
}

async function onStore(
  config: Settings,
  random: RandomBytes,
  verb: string,
  order: object,
  work: (store: Store) => Promise<object>,
): Promise<object> {
  let store: Store;
  try {
    store = await openStore({ ...config, random });
  } catch (error) {
    if (!isCodedError(error, 'DATA_DIR_LOCKED')) throw error;
    return placeOrder(config.dataDir, verb, order);
  }
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
