// SPDX-License-Identifier: Apache-2.0
// A province's tables in PostgreSQL, shared by its instances: one table kv, keys ordered by their bytes.
import { isCodedError } from '@zhenglian/core/errors';
import { LAST_CHARACTER } from './table.ts';
import type { Table, TableEntry, TableRange } from './table.ts';
import { rewritten } from './database.ts';
import type { Database, DumpedEntry } from './database.ts';
import type { Postgres, Row } from './postgres-client.ts';
import { repeatable, writeBatch } from './postgres-write.ts';
import type { Fence } from './postgres-write.ts';

const SCHEMA = `
SELECT pg_advisory_xact_lock(hashtextextended('zhenglian/schema', 0));
CREATE TABLE IF NOT EXISTS kv (
  name text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, value bytea NOT NULL,
  PRIMARY KEY (name, key));
CREATE TABLE IF NOT EXISTS kv_batch (
  id uuid PRIMARY KEY, forbidden boolean NOT NULL DEFAULT false, at timestamptz NOT NULL DEFAULT now());
CREATE INDEX IF NOT EXISTS kv_batch_at ON kv_batch (at);`;
/** By then whoever lost an answer has asked. */
const FORGET = "DELETE FROM kv_batch WHERE at < now() - interval '1 hour'";
const FORGET_EVERY_MS = 600_000;
const REWRITE = `UPDATE kv SET value = p.fresh
  FROM unnest($2::text[], $3::bytea[], $4::bytea[]) AS p(key, old, fresh)
  WHERE kv.name = $1 AND kv.key = p.key AND kv.value = p.old`;
const PAGE = 500;

/**
 * Opens the tables, which are made when missing. `fence` names the connection that holds the locks of the task at hand.
 * @throws STORE_UNAVAILABLE
 */
export async function openPostgresDatabase(
  db: Postgres,
  fence: () => Fence | undefined,
): Promise<Database> {
  await repeatable(() => db.query(SCHEMA));
  await repeatable(() => db.query(FORGET));
  const timer = setInterval(() => void db.query(FORGET).catch(() => undefined), FORGET_EVERY_MS);
  timer.unref();
  let healthy = true;
  const noting = async (work: Promise<void>) => {
    try {
      await work;
      healthy = true;
    } catch (error) {
      healthy = isCodedError(error, 'CONFLICT');
      throw error;
    }
  };
  const table = (name: string): Table => ({
    async get(key) {
      const text = 'SELECT value FROM kv WHERE name = $1 AND key = $2';
      const [row] = await repeatable(() => db.query(text, [name, key]));
      return row && bytesOf(row);
    },
    async getMany(keys) {
      if (keys.length === 0) return [];
      const text = 'SELECT key, value FROM kv WHERE name = $1 AND key = ANY($2::text[])';
      const rows = await repeatable(() => db.query(text, [name, keys]));
      const found = new Map(rows.map((row) => [textOf(row, 'key'), bytesOf(row)]));
      return keys.map((key) => found.get(key));
    },
    async write(changes) {
      if (changes.length === 0) return;
      await noting(writeBatch(db, name, changes, fence()));
    },
    range: (range) => pages(db, name, range),
  });
  return {
    table,
    isHealthy: () => healthy,
    async rewrite(name, after, change) {
      const page: TableEntry[] = [];
      const range = { prefix: '', after, limit: PAGE };
      for await (const entry of pages(db, name, range)) page.push(entry);
      const rows = rewritten(page, change);
      // A row that was written since is left for the next time; so the statement may run twice.
      if (rows.length > 0) {
        const arrays = [rows.map((r) => r.key), rows.map((r) => r.old), rows.map((r) => r.value)];
        await repeatable(() => db.query(REWRITE, [name, ...arrays]));
      }
      return page.length < PAGE ? undefined : page.at(-1)?.key;
    },
    async purge() {
      await repeatable(() => db.query('VACUUM kv'));
    },
    dump: () => dump(db),
    async close() {
      clearInterval(timer);
      await db.close();
    },
  };
}

async function* pages(db: Postgres, name: string, range: TableRange): AsyncIterable<TableEntry> {
  const { prefix, after = '', reverse = false, limit: most = Number.POSITIVE_INFINITY } = range;
  const text = `SELECT key, value FROM kv
    WHERE name = $1 AND key >= $2 AND key > $3 AND key < $4
    ORDER BY key ${reverse ? 'DESC' : 'ASC'} LIMIT $5`;
  let above = after;
  let below = prefix + LAST_CHARACTER;
  let left = most;
  while (left > 0) {
    const limit = Math.min(PAGE, left);
    const rows = await repeatable(() => db.query(text, [name, prefix, above, below, limit]));
    for (const row of rows) yield { key: textOf(row, 'key'), value: bytesOf(row) };
    const last = rows.at(-1);
    if (rows.length < limit || last === undefined) return;
    left -= rows.length;
    if (reverse) below = textOf(last, 'key');
    else above = textOf(last, 'key');
  }
}

/** One transaction that sees one moment. */
async function* dump(db: Postgres): AsyncIterable<DumpedEntry> {
  const connection = await db.connect();
  try {
    await connection.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    let [name, key] = ['', ''];
    for (;;) {
      const text = `SELECT name, key, value FROM kv WHERE (name, key) > ($1, $2)
        ORDER BY name, key LIMIT ${String(PAGE)}`;
      const rows = await connection.query(text, [name, key]);
      for (const row of rows) {
        [name, key] = [textOf(row, 'name'), textOf(row, 'key')];
        yield { table: name, key, value: bytesOf(row) };
      }
      if (rows.length < PAGE) return;
    }
  } finally {
    await connection.end();
  }
}

function bytesOf(row: Row): Uint8Array {
  const value = row['value'];
  if (!(value instanceof Uint8Array)) throw new TypeError('unreachable: kv.value is bytea');
  return new Uint8Array(value);
}

function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError('unreachable: a column of kv is text');
  return value;
}
