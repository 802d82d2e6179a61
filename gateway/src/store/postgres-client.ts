// SPDX-License-Identifier: Apache-2.0
// Connections to PostgreSQL; the only place that knows the library. Every statement has a deadline, on the server and
// here; a failure says whether the statement was sent.
import pg from 'pg';

/** A failed statement: `sent` = a connection had it, so that it may have been applied. */
export class StatementError extends Error {
  readonly sent: boolean;

  constructor(cause: unknown, sent: boolean) {
    super('a statement of the store failed', { cause });
    this.name = 'StatementError';
    this.sent = sent;
  }
}

export type Row = Readonly<Record<string, unknown>>;
type Values = readonly unknown[];

/** One connection for as long as somebody needs it. */
export interface Connection {
  /** @throws StatementError */
  query(text: string, values?: Values): Promise<readonly Row[]>;
  /** Resolves when the connection has ended, whoever ended it. */
  readonly ended: Promise<void>;
  end(): Promise<void>;
}

/** A pool of connections. */
export interface Postgres {
  /** Runs one statement on any connection. @throws StatementError */
  query(text: string, values?: Values): Promise<readonly Row[]>;
  /** A connection of its own, outside the pool, for session locks. @throws StatementError */
  connect(): Promise<Connection>;
  close(): Promise<void>;
}

const STATEMENT_MS = 30_000;
const CONNECT_MS = 5_000;
const MOST_CONNECTIONS = 10;

/** Prepares a pool; nothing is connected before the first statement. */
export function openPostgres(connectionString: string): Postgres {
  const options = {
    connectionString,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: STATEMENT_MS + CONNECT_MS,
    keepAlive: true,
    application_name: 'zhenglian-gateway',
  };
  const pool = new pg.Pool({ ...options, max: MOST_CONNECTIONS });
  // A connection that ends tells its statement; without listeners it would end the process too.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    async query(text, values = []) {
      const client = await pool.connect().catch((cause: unknown) => {
        throw new StatementError(cause, false);
      });
      const rows = await run(client, text, values).catch((error: unknown) => {
        client.release(true);
        throw error;
      });
      client.release();
      return rows;
    },
    async connect() {
      const client = new pg.Client(options);
      const ended = new Promise<void>((resolve) => {
        client.once('end', resolve);
        client.on('error', () => resolve());
      });
      await client.connect().catch((cause: unknown) => {
        throw new StatementError(cause, false);
      });
      // One statement after the other: the library will refuse those that come while it is at one.
      let last: Promise<unknown> = Promise.resolve();
      return {
        query(text, values = []) {
          const mine = last.then(() => run(client, text, values));
          last = mine.catch(() => undefined);
          return mine;
        },
        ended,
        end: () => client.end().catch(() => undefined),
      };
    },
    close: () => pool.end(),
  };
}

async function run(
  client: pg.Client | pg.PoolClient,
  text: string,
  values: Values,
): Promise<readonly Row[]> {
  try {
    return (await client.query<Row>(text, [...values])).rows;
  } catch (cause) {
    throw new StatementError(cause, true);
  }
}
