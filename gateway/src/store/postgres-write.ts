// SPDX-License-Identifier: Apache-2.0
// A batch as one statement of PostgreSQL, and what became of one whose answer was lost.
//
// Every batch inserts a mark of its own (kv_batch.id) in the same statement. When a connection ends before the answer, the
// same id is inserted as forbidden: that waits for the lost statement if it still runs. When the id was there the batch was
// applied; when it was not, the lost statement can never be applied any more, since its mark would be the second. Only then
// is the batch tried again, under a new id. So no batch is applied twice: putting it again without asking
// would be harmless for one writer, but not where another instance has written the same keys in between.
//
// A batch written under a lock names the connection that holds the lock: when that is gone, so is the lock, and nothing is
// applied (locks.ts).
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { gatewayError } from '../problem-codes.ts';
import { StatementError } from './postgres-client.ts';
import type { Postgres } from './postgres-client.ts';
import { fateOf, isOutOfSpace, isUniqueViolation } from './postgres-errors.ts';
import { keyExists, lastChanges } from './table.ts';
import type { TableChange } from './table.ts';

/** The connection that holds the locks of a write. */
export interface Fence {
  readonly pid: number;
  readonly startedAt: string;
}

const WRITE = `
WITH mark AS (
  INSERT INTO kv_batch (id)
  SELECT $2::uuid WHERE $8::int IS NULL OR EXISTS (
    SELECT FROM pg_stat_get_activity($8::int) WHERE backend_start = $9::timestamptz)
  RETURNING id
), gone AS (
  DELETE FROM kv USING mark, unnest($3::text[]) AS d(key)
  WHERE kv.name = $1 AND kv.key = d.key
), fresh AS (
  INSERT INTO kv (name, key, value)
  SELECT $1, p.key, p.value FROM mark, unnest($4::text[], $5::bytea[]) AS p(key, value)
), put AS (
  INSERT INTO kv (name, key, value)
  SELECT $1, p.key, p.value FROM mark, unnest($6::text[], $7::bytea[]) AS p(key, value)
  ON CONFLICT (name, key) DO UPDATE SET value = excluded.value
)
SELECT id FROM mark`;
const FORBID = 'INSERT INTO kv_batch (id, forbidden) VALUES ($1, true) ON CONFLICT DO NOTHING';
const ASK = 'SELECT forbidden FROM kv_batch WHERE id = $1';
const TRY_FOR_MS = 15_000;
const PAUSE_MS = 50;

/** Batches of one statement's arrays. */
interface BatchValues {
  readonly deleted: readonly string[];
  readonly fresh: readonly [readonly string[], readonly Uint8Array[]];
  readonly put: readonly [readonly string[], readonly Uint8Array[]];
}

/** Writes a batch. @throws CONFLICT, STORAGE_FULL, STORE_UNAVAILABLE */
export async function writeBatch(
  db: Postgres,
  table: string,
  changes: readonly TableChange[],
  fence: Fence | undefined,
): Promise<void> {
  const { deleted, fresh, put } = arraysOf(changes);
  const holder = [fence?.pid ?? null, fence?.startedAt ?? null];
  await untilDone(async () => {
    const id = randomUUID();
    try {
      const rows = await db.query(WRITE, [table, id, deleted, ...fresh, ...put, ...holder]);
      if (rows.length === 0) throw gatewayError('STORE_UNAVAILABLE', 'the lock of this was lost');
    } catch (error) {
      if (!(error instanceof StatementError)) throw error;
      if (isUniqueViolation(error.cause)) throw keyExists(error);
      if (isOutOfSpace(error.cause)) {
        throw gatewayError('STORAGE_FULL', 'PostgreSQL took no more', { cause: error });
      }
      if (fateOf(error) !== 'unknown') throw error;
      if (!(await isApplied(db, id))) throw new StatementError(error.cause, false);
    }
  });
}

/** Runs what may run twice, as often as it takes within the time: reads. @throws STORE_UNAVAILABLE */
export async function repeatable<T>(work: () => Promise<T>): Promise<T> {
  return untilDone(async () => {
    try {
      return await work();
    } catch (error) {
      const isLost = error instanceof StatementError && fateOf(error) === 'unknown';
      throw isLost ? new StatementError(error.cause, false) : error;
    }
  });
}

/** Tells whether a batch was applied, and sees to it that it never will be when it was not. */
async function isApplied(db: Postgres, id: string): Promise<boolean> {
  await repeatable(() => db.query(FORBID, [id]));
  const [mark] = await repeatable(() => db.query(ASK, [id]));
  return mark?.['forbidden'] === false;
}

/** Tries again what was certainly not applied, until the time is over. */
async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + TRY_FOR_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StatementError)) throw error;
      if (fateOf(error) !== 'again' || performance.now() > deadline) {
        throw gatewayError('STORE_UNAVAILABLE', 'PostgreSQL does not answer', { cause: error });
      }
      await pause(PAUSE_MS);
    }
  }
}

function arraysOf(changes: readonly TableChange[]): BatchValues {
  const last = lastChanges(changes);
  const written = last.flatMap(({ key, value, ifAbsent }) =>
    value === undefined ? [] : [{ key, value, isNew: ifAbsent === true }],
  );
  const arrays = (isNew: boolean) => {
    const some = written.filter((change) => change.isNew === isNew);
    return [some.map(({ key }) => key), some.map(({ value }) => value)] as const;
  };
  const deleted = last.filter(({ value }) => value === undefined).map(({ key }) => key);
  return { deleted, fresh: arrays(true), put: arrays(false) };
}
