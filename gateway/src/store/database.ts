// SPDX-License-Identifier: Apache-2.0
// The gateway's LevelDB; the only place that knows the library. One database, several tables by key prefix.
// A batch that failed to reach the log may have left half a record behind, and LevelDB would write on after it:
// the database is opened anew before the next write, which cuts the half record off.
import { Level } from 'level';
import { CodedError } from '@zhenglian/core/errors';
import { gatewayError } from '../problem-codes.ts';
import type { Table, TableEntry, TableRange } from './table.ts';

/** An open database. */
export interface Database {
  /** Table of this name; the same name is the same table. */
  table(name: string): Table;
  /** False after a write that the disk refused, until one succeeds. */
  isHealthy(): boolean;
  close(): Promise<void>;
}

type Store = Level<string, Uint8Array>;
const PAGE = 500;
const END = '\uffff';

/**
 * Opens the database in a folder, which is made when missing.
 * @throws DATA_DIR_LOCKED when another process has it, DATA_DIR_UNWRITABLE
 */
export async function openDatabase(folder: string): Promise<Database> {
  const level: Store = new Level(folder, { keyEncoding: 'utf8', valueEncoding: 'view' });
  await open(level);
  let healthy = true;
  let reopening: Promise<void> | undefined;
  let reading = 0;

  const ready = async () => {
    if (!healthy) {
      reopening ??= reopen().finally(() => (reopening = undefined));
      await reopening;
    }
  };
  const reopen = async () => {
    while (reading > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await level.close();
    await level.open();
  };
  const reader = async <T>(read: () => Promise<T>): Promise<T> => {
    if (reopening !== undefined) await reopening.catch(() => undefined);
    reading += 1;
    try {
      return await read();
    } finally {
      reading -= 1;
    }
  };

  const table = (name: string): Table => {
    const prefix = `${name}!`;
    return {
      get: (key) => reader(() => level.get(prefix + key)),
      async write(changes) {
        if (changes.length === 0) return;
        const operations = changes.map(({ key, value }) =>
          value === undefined
            ? { type: 'del' as const, key: prefix + key }
            : { type: 'put' as const, key: prefix + key, value },
        );
        try {
          await ready();
          await level.batch(operations, { sync: true });
          healthy = true;
        } catch (cause) {
          healthy = false;
          throw gatewayError('STORAGE_FULL', 'the disk took no more', { cause });
        }
      },
      range: (range) => pages(level, prefix, range, reader),
    };
  };
  return { table, isHealthy: () => healthy, close: () => level.close() };
}

/** Reads in pages, so that no snapshot is held while the caller works on an entry. */
async function* pages(
  level: Store,
  prefix: string,
  range: TableRange,
  reader: <T>(read: () => Promise<T>) => Promise<T>,
): AsyncIterable<TableEntry> {
  const first = prefix + range.prefix;
  let above = range.after === undefined ? undefined : prefix + range.after;
  let below = first + END;
  let left = range.limit ?? Number.POSITIVE_INFINITY;
  while (left > 0) {
    const limit = Math.min(PAGE, left);
    const bounds = above === undefined ? { gte: first, lt: below } : { gt: above, lt: below };
    const reverse = range.reverse === true;
    const page = await reader(() => level.iterator({ ...bounds, reverse, limit }).all());
    for (const [key, value] of page) yield { key: key.slice(prefix.length), value };
    const last = page.at(-1)?.[0];
    if (page.length < limit || last === undefined) return;
    left -= page.length;
    if (reverse) below = last;
    else above = last;
  }
}

async function open(level: Store): Promise<void> {
  try {
    await level.open();
  } catch (cause) {
    throw causeCode(cause) === 'LEVEL_LOCKED'
      ? new CodedError('DATA_DIR_LOCKED', 'another process uses this data directory', { cause })
      : new CodedError('DATA_DIR_UNWRITABLE', 'the data directory cannot be used', { cause });
  }
}

function causeCode(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}
