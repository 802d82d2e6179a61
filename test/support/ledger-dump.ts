// SPDX-License-Identifier: Apache-2.0
// Everything a data directory holds, for somebody who has its disk: each file as it lies, and each entry of each LevelDB
// read through the library (its tables are compressed). Only for directories whose processes have ended.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { concat, utf8 } from '@zhenglian/core/bytes';
import { openDatabase } from '@zhenglian/network/embedded/database';

/** One file, or one entry of a database (key, then value) with the database's folder as its place. */
export interface StoredPart {
  readonly place: string;
  readonly bytes: Uint8Array;
}

/** All parts below a folder; places are paths from it. */
export async function* dumpFolder(folder: string): AsyncGenerator<StoredPart> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
  for (const file of files) {
    yield {
      place: relative(folder, file),
      bytes: concat(utf8(basename(file)), readFileSync(file)),
    };
  }
  for (const file of files.filter((each) => basename(each) === 'CURRENT')) {
    const place = relative(folder, join(file, '..'));
    yield* dumpDatabase(join(folder, place), place);
  }
}

async function* dumpDatabase(directory: string, place: string): AsyncGenerator<StoredPart> {
  if (!existsSync(directory)) return;
  const database = await openDatabase(directory);
  try {
    for await (const [key, value] of database.iterator()) {
      yield { place, bytes: concat(utf8(key), value) };
    }
  } finally {
    await database.close();
  }
}
