// SPDX-License-Identifier: Apache-2.0
// LevelDB with text keys and byte values: the only place that knows its library.
import { Level } from 'level';

/** A live database. */
export type Database = Level<string, Uint8Array>;
/** A view that later writes do not change. */
export type DatabaseSnapshot = ReturnType<Database['snapshot']>;

/** Opens or creates the database of a directory. Throws LevelDB's error, its reason in `cause`. */
export async function openDatabase(directory: string): Promise<Database> {
  const database: Database = new Level(directory, { valueEncoding: 'view' });
  await database.open();
  return database;
}
