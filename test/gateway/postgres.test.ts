// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { fromUtf8, utf8 } from '@zhenglian/core/bytes';
import { createLocks } from '../../gateway/src/locks.ts';
import { openDatabase } from '../../gateway/src/store/database.ts';
import type { Database } from '../../gateway/src/store/database.ts';
import { openPostgres } from '../../gateway/src/store/postgres-client.ts';
import type { Postgres } from '../../gateway/src/store/postgres-client.ts';
import { openPostgresDatabase } from '../../gateway/src/store/postgres-database.ts';
import { openPostgresLocks } from '../../gateway/src/store/postgres-locks.ts';
import type { PostgresLocks } from '../../gateway/src/store/postgres-locks.ts';
import { describeLocks } from '../suites/locks.ts';
import { codeOf, describeTable, keysOf } from '../suites/table.ts';
import { startPostgres } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';

describe('gateway: table on LevelDB', () => {
  let folder: string;
  let database: Database;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zhenglian-table-'));
  });
  after(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });
  const open = async () => (database = await openDatabase(folder));
  describeTable(open, async () => {
    await database.close();
    return open();
  });
});

describe('gateway: locks within a process', () => {
  describeLocks(() => Promise.resolve(createLocks()));
});

describe('gateway: PostgreSQL', () => {
  let server: TestPostgres | undefined;
  let url: string;
  before(async function () {
    server = await startPostgres(this);
    url = await newDatabase();
  });
  after(() => server?.stop());

  const newDatabase = async () => (await server?.createDatabase()) ?? '';
  const NO_FENCE = () => undefined;

  describe('table', () => {
    let database: Database;
    const open = async () => (database = await openPostgresDatabase(openPostgres(url), NO_FENCE));
    after(() => database.close());
    describeTable(open, async () => {
      await database.close();
      return open();
    });
  });

  describe('locks', () => {
    const openLocks = async () => {
      const db = openPostgres(url);
      const locks = await openPostgresLocks(db);
      return {
        ...locks,
        async close() {
          await locks.close();
          await db.close().catch(() => undefined); // closed twice by who keeps a name
        },
      };
    };
    describeLocks(openLocks, openLocks);
  });

  describe('restarted', () => {
    let db: Postgres;
    let database: Database;
    let locks: PostgresLocks;
    beforeEach(async () => {
      url = await newDatabase();
      db = openPostgres(url);
      locks = await openPostgresLocks(db);
      database = await openPostgresDatabase(db, locks.fence);
    });
    afterEach(async () => {
      await locks.close();
      await database.close();
    });

    for (const mode of ['fast', 'immediate'] as const) {
      it(`loses and doubles nothing in mid-work (${mode})`, async () => {
        const table = database.table('desk');
        const answered: string[] = [];
        let isOver = false;
        const writer = async (name: number) => {
          for (let i = 0; !isOver; i += 1) {
            const key = `w/${String(name)}/${String(i).padStart(6, '0')}`;
            // A new key each time: a batch that was applied twice would be refused with CONFLICT.
            await table.write([{ key, value: utf8(key), ifAbsent: true }]);
            answered.push(key);
          }
        };
        const working = Promise.all([0, 1, 2, 3].map(writer));
        for (let round = 0; round < 3; round += 1) {
          await pause(150);
          await server?.restart(mode);
        }
        await pause(100);
        isOver = true;
        await working;
        expect(answered.length).to.be.greaterThan(3);
        expect(await keysOf(table, { prefix: 'w/' })).to.deep.equal([...answered].sort());
      });
    }

    it('writes nothing under a lock that was lost with its connection', async () => {
      const table = database.table('desk');
      const code = await locks.hold('licence/1', async () => {
        await table.write([{ key: 'a', value: utf8('before') }]);
        await server?.restart('fast');
        const theirs = openPostgres(url);
        const others = await openPostgresLocks(theirs);
        await others.hold('licence/1', async () => {
          const other = await openPostgresDatabase(openPostgres(url), others.fence);
          await other.table('desk').write([{ key: 'a', value: utf8('theirs') }]);
          await other.close();
        });
        await others.close();
        await theirs.close();
        return codeOf(table.write([{ key: 'a', value: utf8('stale') }]));
      });
      expect(code).to.equal('STORE_UNAVAILABLE');
      const found = await table.get('a');
      expect(found && fromUtf8(found)).to.equal('theirs');
      await locks.hold('licence/1', () => table.write([{ key: 'a', value: utf8('mine') }]));
    });

    it('lets what was begun under a lock that has ended go on without it', async () => {
      const table = database.table('desk');
      const restarted = gate();
      let worker: Promise<void> = Promise.resolve();
      const work = async () => {
        await restarted.opened;
        await locks.hold('lane/1', () => table.write([{ key: 'a', value: utf8('worked') }]));
      };
      await locks.hold('licence/1', () => {
        worker = work();
        return Promise.resolve();
      });
      await server?.restart('fast');
      for (let left = 100; locks.troubles().length > 0 && left > 0; left -= 1) await pause(50);
      restarted.open();
      await worker;
      const found = await table.get('a');
      expect(found && fromUtf8(found)).to.equal('worked');
    });

    it('writes nothing under a lock within a lock, once the outer one was lost', async () => {
      const table = database.table('desk');
      const code = await locks.hold('licence/1', async () => {
        await server?.restart('fast');
        for (let left = 100; locks.troubles().length > 0 && left > 0; left -= 1) await pause(50);
        const write = () => table.write([{ key: 'a', value: utf8('stale') }]);
        return codeOf(locks.hold('lane/1', write));
      });
      expect(code).to.equal('STORE_UNAVAILABLE');
      expect(await table.get('a')).to.equal(undefined);
    });

    it('takes kept names back after a restart', async () => {
      expect(await locks.keep('instance/a')).to.equal(true);
      await server?.restart('immediate');
      const theirs = openPostgres(url);
      const others = await openPostgresLocks(theirs);
      for (let left = 100; locks.troubles().length > 0 && left > 0; left -= 1) await pause(50);
      expect(locks.troubles()).to.eql([]);
      expect(await others.ifFree('instance/a', () => Promise.resolve('ran'))).to.equal(undefined);
      await others.close();
      await theirs.close();
    });

    it('says STORE_UNAVAILABLE when it stays away, and works again when it is back', async function () {
      this.timeout(120_000);
      const table = database.table('desk');
      await server?.end('fast');
      const codes = await Promise.all([
        codeOf(table.get('x')),
        codeOf(table.getMany(['x'])),
        codeOf(keysOf(table, { prefix: '' })),
        codeOf(table.write([{ key: 'x', value: utf8('1') }])),
        codeOf(locks.hold('x', () => Promise.resolve())),
      ]);
      expect(new Set(codes)).to.deep.equal(new Set(['STORE_UNAVAILABLE']));
      expect(locks.troubles()).to.eql(['STORE_UNAVAILABLE']);
      expect(database.isHealthy()).to.equal(false);
      await server?.start();
      await table.write([{ key: 'x', value: utf8('2') }]);
      expect(database.isHealthy()).to.equal(true);
    });
  });
});

/** Something that is waited for, and what ends the wait. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}
