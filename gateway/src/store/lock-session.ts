// SPDX-License-Identifier: Apache-2.0
// The one connection that a process's advisory locks are on. It is made again when it ends; names kept for life are then
// taken again before anything else, and until all of them are back the process must not pass for alive.
import { setTimeout as pause } from 'node:timers/promises';
import { StatementError } from './postgres-client.ts';
import type { Connection, Postgres } from './postgres-client.ts';
import type { Fence } from './postgres-write.ts';

/** Takes and frees names. */
export interface LockSession {
  /** The connection that has the name now, or undefined when another process has it. @throws StatementError */
  acquire(name: string): Promise<Fence | undefined>;
  /** Frees a name; when its connection is gone the server has done so. */
  release(name: string, fence: Fence): Promise<void>;
  /** Like `acquire`, and again whenever the connection is made anew. @throws StatementError */
  keep(name: string): Promise<boolean>;
  /** False while the connection or a kept name is missing. */
  isComplete(): boolean;
  close(): Promise<void>;
}

interface Live {
  readonly connection: Connection;
  readonly fence: Fence;
}

const RECONNECT_MS = 200;
const WHO = `SELECT pid, backend_start::text AS started
  FROM pg_stat_get_activity(pg_backend_pid())`;
const TRY = "SELECT pg_try_advisory_lock(hashtextextended('zhenglian/' || $1, 0)) AS got";
const FREE = "SELECT pg_advisory_unlock(hashtextextended('zhenglian/' || $1, 0))";

/** Opens the session. @throws StatementError */
export async function openLockSession(db: Postgres): Promise<LockSession> {
  const kept = new Set<string>();
  let missing = 0;
  let closed = false;
  const isClosed = () => closed;
  let live: Live | undefined = await connect(db);
  let renewing: Promise<void> = renewWhenEnded(live);

  async function renewWhenEnded(ended: Live): Promise<void> {
    await ended.connection.ended;
    live = undefined;
    while (!isClosed()) {
      const next = await renew().catch(() => undefined);
      if (next !== undefined && isClosed()) return next.connection.end();
      if (next !== undefined) {
        live = next;
        renewing = renewWhenEnded(next);
        return;
      }
      await pause(RECONNECT_MS);
    }
  }
  async function renew(): Promise<Live> {
    const next = await connect(db);
    missing = kept.size;
    for (const name of kept) {
      while (!isClosed() && !(await take(next, name))) await pause(RECONNECT_MS);
      missing -= 1;
    }
    return next;
  }
  const current = () => {
    if (live === undefined) throw new StatementError(new Error('no connection'), false);
    return live;
  };
  return {
    async acquire(name) {
      const { connection, fence } = current();
      return (await take({ connection, fence }, name)) ? fence : undefined;
    },
    async release(name, fence) {
      if (live?.fence !== fence) return;
      await live.connection.query(FREE, [name]).catch(() => live?.connection.end());
    },
    async keep(name) {
      const got = await take(current(), name);
      if (got) kept.add(name);
      return got;
    },
    isComplete: () => live !== undefined && missing === 0,
    async close() {
      closed = true;
      await live?.connection.end();
      await renewing;
    },
  };
}

async function connect(db: Postgres): Promise<Live> {
  const connection = await db.connect();
  const [who] = await connection.query(WHO);
  return { connection, fence: { pid: Number(who?.['pid']), startedAt: String(who?.['started']) } };
}

/** Without an answer nobody knows whether the name is taken: the connection is ended, and all it had is free. */
async function take({ connection }: Live, name: string): Promise<boolean> {
  try {
    const [row] = await connection.query(TRY, [name]);
    return row?.['got'] === true;
  } catch (error) {
    await connection.end();
    throw error;
  }
}
