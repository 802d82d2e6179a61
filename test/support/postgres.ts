// SPDX-License-Identifier: Apache-2.0
// A real PostgreSQL server for tests: Debian's programs, a data directory of its own, loopback only. It refuses to run
// as root, so root runs it as the user `postgres`. Where it is not installed the tests say so and are skipped; with
// CI=true that is a failure.
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openPostgres } from '../../gateway/src/store/postgres-client.ts';

const run = promisify(execFile);
const VERSIONS = '/usr/lib/postgresql';

/** `fast` ends what runs and lets it report; `immediate` is what a crash does; `kill` is a kill −9. */
export type EndMode = keyof typeof SIGNALS;

const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT', kill: 'SIGKILL' } as const;

/** A running server. */
export interface TestPostgres {
  /** Makes an empty database; gives its URL. */
  createDatabase(): Promise<string>;
  restart(mode: EndMode): Promise<void>;
  end(mode: EndMode): Promise<void>;
  start(): Promise<void>;
  /** Ends it and deletes its data. */
  stop(): Promise<void>;
}

/** Starts a server, or skips the suite of the hook that asked. */
export async function startPostgres(hook: Mocha.Context): Promise<TestPostgres> {
  const programs = await findPrograms();
  if (programs === undefined) {
    if (process.env['CI'] === 'true') {
      throw new Error("PostgreSQL is not installed: apt-get install postgresql (Debian's)");
    }
    console.log("      PostgreSQL is not installed (Debian's postgresql): not tested on it");
    return hook.skip();
  }
  const user = process.getuid?.() === 0 ? await postgresUser() : undefined;
  const folder = await mkdtemp(join(tmpdir(), 'zhenglian-postgres-'));
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const as = user === undefined ? {} : user;
  const data = join(folder, 'data');
  const initdb = ['-D', data, '-A', 'trust', '-U', 'tester', '-E', 'UTF8', '--no-locale', '-N'];
  await run(join(programs, 'initdb'), initdb, { ...as, cwd: folder });
  const port = await freePort();
  const url = (database: string) =>
    `postgres://tester@127.0.0.1:${String(port)}/${database}?sslmode=disable`;
  let server: ChildProcess | undefined;
  let databases = 0;
  const start = async () => {
    const options = ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', folder, '-F'];
    const command = [join(programs, 'postgres'), options] as const;
    for (let left = 100; left > 0; left -= 1) {
      const started = spawn(...command, { ...as, cwd: folder, stdio: 'ignore' });
      server = started;
      if (await answers(url('postgres'), () => started.exitCode === null)) return;
      // After a kill it refuses to start as long as one of the killed server's children still ends.
      await pause(50);
    }
    throw new Error('PostgreSQL does not start');
  };
  const end = async (mode: EndMode) => {
    if (server === undefined) return;
    const ended = once(server, 'exit');
    server.kill(SIGNALS[mode]);
    await ended;
    server = undefined;
  };
  process.once('exit', () => server?.kill('SIGQUIT'));
  await start();
  return {
    start,
    end,
    async restart(mode) {
      await end(mode);
      await start();
    },
    async createDatabase() {
      const name = `test${String(++databases)}`;
      const db = openPostgres(url('postgres'));
      await db.query(`CREATE DATABASE ${name}`);
      await db.close();
      return url(name);
    },
    async stop() {
      await end('immediate');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Whether it answers, and not before it does or has ended. */
async function answers(url: string, isAlive: () => boolean): Promise<boolean> {
  for (let left = 400; isAlive(); left -= 1) {
    const db = openPostgres(url);
    const isUp = await db.query('SELECT 1').then(
      () => true,
      () => false,
    );
    await db.close();
    if (isUp) return true;
    if (left === 0) throw new Error('PostgreSQL does not answer');
    await pause(50);
  }
  return false;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function findPrograms(): Promise<string | undefined> {
  const versions = await readdir(VERSIONS).catch(() => []);
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? undefined : join(VERSIONS, newest, 'bin');
}

async function postgresUser(): Promise<{ readonly uid: number; readonly gid: number }> {
  const line = (await readFile('/etc/passwd', 'utf8')).match(/^postgres:[^:]*:(\d+):(\d+):/m);
  if (line === null) throw new Error('there is no user postgres to run PostgreSQL as');
  return { uid: Number(line[1]), gid: Number(line[2]) };
}
