// SPDX-License-Identifier: Apache-2.0
// The gateway's LevelDB; the only place that knows the library. One database, several tables by key prefix.
// A batch that failed to reach the log may have left half a record behind, and LevelDB would write on after it:
// the database is opened anew before the next write, which cuts the half record off.
import { ClassicLevel } from 'classic-level';
import { CodedError } from '@zhenglian/core/errors';
import { gatewayError } from '../problem-codes.ts';
import { createWriteGate } from './write-gate.ts';
import { createReservations } from './reserve-keys.ts';
import { keyExists, LAST_CHARACTER } from './table.ts';
import type { Table, TableChange, TableEntry, TableRange } from './table.ts';

/** An open database. */
export interface Database {
  /** Table of this name; the same name is the same table. */
  table(name: string): Table;
  /** False after a write that was refused, until one succeeds. */
  isHealthy(): boolean;
  /** Rewrites the files of a prefix, so that what was deleted or overwritten there is gone from the disk. */
  purge(name: string, prefix: string): Promise<void>;
  /**
   * Goes through a page of a table's rows after a key, and puts what `change` gives in the place of a row that nobody has
   * written meanwhile; a row it gives undefined for stays. Resolves with the last key of the page, or undefined at the end.
   */
  rewrite(name: string, after: string, change: RewriteRow): Promise<string | undefined>;
  /** Everything as of one moment, in order of table and key. */
  dump(): AsyncIterable<DumpedEntry>;
  close(): Promise<void>;
}

/** What a row becomes; undefined: what it is. */
export type RewriteRow = (entry: TableEntry) => Uint8Array | undefined;

/** An entry of a dump. */
export interface DumpedEntry extends TableEntry {
  readonly table: string;
}

type Store = ClassicLevel<string, Uint8Array>;
const PAGE = 500;
/** Gathered before a table is written: with LevelDB's own 4 MB a store of a million rewrites itself a third more. */
const WRITE_BUFFER_BYTES = 16 << 20;
/** Writes wait while a page is rewritten. */
const REWRITE_PAGE = 200;

/**
 * Opens the database in a folder, which is made when missing.
 * @throws DATA_DIR_LOCKED when another process has it, DATA_DIR_UNWRITABLE
 */
export async function openDatabase(folder: string): Promise<Database> {
  const level: Store = new ClassicLevel(folder, {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
    writeBufferSize: WRITE_BUFFER_BYTES,
    compression: false, // what is sealed or hashed does not shrink
  });
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

  const reserve = createReservations();
  const gate = createWriteGate();

  const put = async (prefix: string, changes: readonly TableChange[]) => {
    try {
      await ready();
      // Change by change into the library's own batch: half the time of a list of them.
      const batch = level.batch();
      for (const { key, value } of changes) {
        if (value === undefined) batch.del(prefix + key);
        else batch.put(prefix + key, value);
      }
      await batch.write({ sync: true });
      healthy = true;
    } catch (cause) {
      healthy = false;
      throw gatewayError('STORAGE_FULL', 'the disk took no more', { cause });
    }
  };
  const putAll = async (prefix: string, changes: readonly TableChange[]) => {
    if (changes.length > 0) await put(prefix, changes);
  };
  const table = (name: string): Table => {
    const prefix = `${name}!`;
    const getMany = (keys: readonly string[]) =>
      reader(() => level.getMany(keys.map((key) => prefix + key)));
    return {
      get: (key) => reader(() => level.get(prefix + key)),
      getMany: async (keys) => (keys.length === 0 ? [] : getMany(keys)),
      async write(changes) {
        if (changes.length === 0) return;
        const fresh = changes.filter(({ ifAbsent }) => ifAbsent === true).map(({ key }) => key);
        if (fresh.length === 0) return gate.pass(() => put(prefix, changes));
        const names = fresh.map((key) => prefix + key);
        await reserve(names, async () => {
          const found = await getMany(fresh);
          if (found.some((value) => value !== undefined)) throw keyExists();
          await gate.pass(() => put(prefix, changes));
        });
      },
      range: (range) => pages(level, prefix, range, reader),
    };
  };
  return {
    table,
    isHealthy: () => healthy,
    rewrite: (name, after, change) =>
      gate.alone(async () => {
        const prefix = `${name}!`;
        const page: TableEntry[] = [];
        const range = { prefix: '', after, limit: REWRITE_PAGE };
        for await (const entry of pages(level, prefix, range, reader)) page.push(entry);
        await putAll(prefix, rewritten(page, change));
        return page.length < REWRITE_PAGE ? undefined : page.at(-1)?.key;
      }),
    async purge(name, prefix) {
      const from = `${name}!${prefix}`;
      await reader(() => level.compactRange(from, from + LAST_CHARACTER));
    },
    dump: () => dump(level),
    close: () => level.close(),
  };
}

/** The rows of a page that become something else. */
export function rewritten(
  page: readonly TableEntry[],
  change: RewriteRow,
): readonly { readonly key: string; readonly value: Uint8Array; readonly old: Uint8Array }[] {
  return page.flatMap((entry) => {
    const value = change(entry);
    return value === undefined ? [] : [{ key: entry.key, value, old: entry.value }];
  });
}

/** An iterator of LevelDB sees the moment it was made in. */
async function* dump(level: Store): AsyncIterable<DumpedEntry> {
  const iterator = level.iterator();
  try {
    for (;;) {
      const page = await iterator.nextv(PAGE);
      if (page.length === 0) return;
      for (const [name, value] of page) {
        const end = name.indexOf('!');
        yield { table: name.slice(0, end), key: name.slice(end + 1), value };
      }
    }
  } finally {
    await iterator.close();
  }
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
  let below = first + LAST_CHARACTER;
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
