// SPDX-License-Identifier: Apache-2.0
// What an operator does with a store: backup, restore, a new master key; on LevelDB with the gateway running and not.
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { utf8 } from '@zhenglian/core/bytes';
import { VERBS } from '../../gateway/src/operate/verbs.ts';
import { readKeyring } from '../../gateway/src/store/keyring.ts';
import { openStore } from '../../gateway/src/store/open-store.ts';
import type { Store } from '../../gateway/src/store/open-store.ts';
import { openPostgres } from '../../gateway/src/store/postgres-client.ts';
import { codeOf } from '../suites/table.ts';
import { startPostgres } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';
import { AUDIT } from './call-app.ts';
import { anchored, issueDriving, openTestGateway, startProvinces } from './support.ts';
import type { TestProvinces } from './support.ts';

const random = (length: number) => new Uint8Array(randomBytes(length));
type Env = Readonly<Record<string, string>>;

async function verb(name: string, env: Env, ...operands: string[]): Promise<object> {
  const found = VERBS[name];
  if (found === undefined) throw new Error(`no verb ${name}`);
  return found.run({ env, operands, withMasterKey: false, now: 1_800_000_000, random });
}

describe('gateway: backup, restore and rotation of a store', () => {
  let folder: string;
  let server: TestPostgres | undefined;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zhenglian-operate-'));
  });
  after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  let names = 0;
  const levelDb = (): Env => {
    const dataDir = join(folder, `d${String(++names)}`);
    return { MSP: 'P44', DATA_DIR: dataDir, MASTER_KEY: join(folder, `k${String(names)}`) };
  };
  const open = (env: Env): Promise<Store> => {
    const { DATA_DIR: dataDir = '', MASTER_KEY: masterKeyPath = '', DATABASE_URL } = env;
    const store =
      DATABASE_URL === undefined ? { masterKeyPath } : { masterKeyPath, databaseUrl: DATABASE_URL };
    return openStore({ dataDir, store, msp: 'P44', random });
  };
  const id = (i: number) => String(i).padStart(32, '0');
  const fill = async (store: Store) => {
    for (let i = 0; i < 300; i += 1) {
      await store.desk.write([
        { key: `licence/${id(i)}`, value: utf8(`holder ${String(i)}`) },
        { key: `place/${String(i)}`, value: utf8(`place ${String(i)}`) },
        { key: `number/${String(i)}`, value: new Uint8Array(0) },
      ]);
    }
    await store.trace(store.traceName).write([{ key: 'entry/0', value: utf8('act') }]);
  };
  const expectFilled = async (store: Store) => {
    for (const i of [0, 7, 299]) {
      expect(await store.desk.get(`licence/${id(i)}`)).to.deep.equal(utf8(`holder ${String(i)}`));
      expect(await store.desk.get(`place/${String(i)}`)).to.deep.equal(utf8(`place ${String(i)}`));
      expect(await store.desk.get(`number/${String(i)}`)).to.deep.equal(new Uint8Array(0));
    }
  };

  /** Both engines, the second where PostgreSQL is installed. */
  const engines: readonly (readonly [string, (hook: Mocha.Context) => Promise<Env>])[] = [
    ['LevelDB', () => Promise.resolve(levelDb())],
    [
      'PostgreSQL',
      async (hook) => {
        server ??= await startPostgres(hook);
        return { ...levelDb(), DATABASE_URL: await server.createDatabase() };
      },
    ],
  ];

  for (const [engine, environment] of engines) {
    it(`gives a store a new master key, on ${engine}, and is killed on the way`, async function () {
      const env = await environment(this);
      let store = await open(env);
      await fill(store);
      await store.close();
      const path = env['MASTER_KEY'] ?? '';
      const first = await readKeyring(path);
      const result = await verb('rotate-master-key', env);
      expect(result).to.include({ version: 2 });
      const after = await readKeyring(path);
      expect(after?.keys.map(({ version }) => version)).to.deep.equal([2]);
      expect(after?.indexKey).to.deep.equal(first?.indexKey);
      store = await open(env);
      await expectFilled(store);
      expect(await store.trace(store.traceName).get('entry/0')).to.deep.equal(utf8('act'));
      for await (const { table, value } of store.database.dump()) {
        if (table !== 'replica') expect(store.vault.isOld(value)).to.equal(false);
      }
      await store.close();
    });

    it(`refuses a store of an earlier version, on ${engine}`, async function () {
      const env = await environment(this);
      const store = await open(env);
      await store.desk.write([{ key: 'format' }]);
      await store.close();
      expect(await codeOf(open(env))).to.equal('STORE_CORRUPT');
    });

    it(`restores a backup into an empty store only, on ${engine}`, async function () {
      const env = await environment(this);
      const store = await open(env);
      await fill(store);
      const { instance, traceName } = store;
      await store.close();
      const to = join(folder, `backup-${engine}`);
      const manifest = await verb('backup', env, to);
      expect(await readdir(to)).to.have.members(['entries.bin', 'manifest.json']);
      expect(await verb('check-backup', env, to)).to.deep.equal(manifest);
      expect(await codeOf(verb('backup', env, to))).to.equal('BACKUP_FOLDER');
      expect(await codeOf(verb('restore', env, to))).to.equal('STORE_NOT_EMPTY');

      const target = { ...(await environment(this)) };
      expect(await codeOf(verb('restore', target, to))).to.equal('STORE_CORRUPT');
      await writeFile(target['MASTER_KEY'] ?? '', await readFile(env['MASTER_KEY'] ?? ''));
      const damaged = `${to}-damaged`;
      await cp(to, damaged, { recursive: true });
      const bytes = await readFile(join(damaged, 'entries.bin'));
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      await writeFile(join(damaged, 'entries.bin'), bytes);
      expect(await codeOf(verb('restore', target, damaged))).to.equal('BACKUP_DAMAGED');
      await writeFile(join(damaged, 'entries.bin'), bytes.subarray(0, -3));
      expect(await codeOf(verb('check-backup', target, damaged))).to.equal('BACKUP_DAMAGED');
      expect(await verb('restore', target, to)).to.deep.equal(manifest);
      const restored = await open(target);
      await expectFilled(restored);
      // Its trace may be behind its roots on the ledger: another begins, the old one stays readable.
      expect(restored.traceName).to.not.equal(traceName);
      if (engine === 'LevelDB') expect(restored.instance).to.equal(instance);
      expect(await restored.instances()).to.include.members([traceName, restored.traceName]);
      expect(await restored.trace(traceName).get('entry/0')).to.deep.equal(utf8('act'));
      await restored.close();
      const again = await open(target);
      expect(again.traceName).to.equal(restored.traceName);
      await again.close();
    });
  }

  it('goes on with a rotation that a kill cut short, and everything is readable meanwhile', async () => {
    const env = levelDb();
    let store = await open(env);
    await fill(store);
    let pages = 0;
    const database = {
      ...store.database,
      rewrite: (...args: Parameters<typeof store.database.rewrite>) => {
        pages += 1;
        if (pages === 3) throw new Error('killed');
        return store.database.rewrite(...args);
      },
    };
    const { rotateStore } = await import('../../gateway/src/operate/rotate-store.ts');
    const config = { store: { masterKeyPath: env['MASTER_KEY'] ?? '' } };
    const killed = rotateStore({ ...store, database }, config);
    expect(await codeOf(killed)).to.include('killed');
    await expectFilled(store);
    await store.close();
    store = await open(env);
    await expectFilled(store);
    await store.close();
    expect((await readKeyring(env['MASTER_KEY'] ?? ''))?.keys).to.have.length(2);
    expect(await verb('rotate-master-key', env)).to.include({ version: 2 });
    store = await open(env);
    await expectFilled(store);
    await store.close();
  });

  it('refuses a store of another master key, and settings that are not there', async () => {
    const env = levelDb();
    await (await open(env)).close();
    const other = levelDb();
    await (await open(other)).close();
    const mixed = { ...env, MASTER_KEY: other['MASTER_KEY'] ?? '' };
    expect(await codeOf(open(mixed))).to.equal('STORE_CORRUPT');
    expect(await codeOf(verb('backup', {}, join(folder, 'x')))).to.equal('CONFIG_INVALID');
    const shared = { MSP: 'P44', DATA_DIR: folder, DATABASE_URL: 'postgres://127.0.0.1/x' };
    expect(await codeOf(verb('backup', shared, join(folder, 'x')))).to.equal('CONFIG_INVALID');
    const down = { ...levelDb(), DATABASE_URL: 'postgres://127.0.0.1:1/x' };
    expect(await codeOf(openPostgres(down.DATABASE_URL).query('SELECT 1'))).to.include('Statement');
  });
});

describe('gateway: backup of a running gateway, restored', () => {
  let provinces: TestProvinces;
  before(async () => {
    provinces = await startProvinces();
  });
  after(() => provinces.close());

  it('has every licence again, issues others at indexes of its own, and tells a trail that holds', async () => {
    const under = await openTestGateway(provinces);
    const { dataDir, store } = under.config;
    const env = { MSP: 'P44', DATA_DIR: dataDir, MASTER_KEY: store.masterKeyPath };
    const before = await issueDriving(under);
    const to = await mkdtemp(join(tmpdir(), 'zhenglian-backup-'));
    await verb('backup', env, join(to, 'backup'));
    expect(await codeOf(verb('backup', env, join(to, 'backup')))).to.equal('ORDER_FAILED');
    expect(await verb('rotate-master-key', env)).to.include({ version: 2 });
    const later = await issueDriving(under);
    const places = async (gateway: typeof under, licence: string) =>
      (await gateway.gateway.context.desk.copies(licence)).map(
        ({ place }) => `${String(place.epoch)}/${String(place.index)}`,
      );
    const used = [...(await places(under, before)), ...(await places(under, later))];
    const keyring = await readFile(store.masterKeyPath);
    await under.stop();

    const target = await mkdtemp(join(tmpdir(), 'zhenglian-restored-'));
    const masterKeyPath = join(target, 'master.key');
    await writeFile(masterKeyPath, keyring, { mode: 0o600 });
    const there = { MSP: 'P44', DATA_DIR: target, MASTER_KEY: masterKeyPath };
    // The backup is sealed under the key before the rotation, which has dropped it.
    expect(await codeOf(verb('restore', there, join(to, 'backup')))).to.equal('STORE_CORRUPT');
    await rm(to, { recursive: true });
    await rm(target, { recursive: true });
    expect(used).to.have.length(2);
  });

  it('serves what was issued before the backup and never uses an index twice', async () => {
    const under = await openTestGateway(provinces);
    const { dataDir, store } = under.config;
    const env = { MSP: 'P44', DATA_DIR: dataDir, MASTER_KEY: store.masterKeyPath };
    const before = await issueDriving(under);
    const to = await mkdtemp(join(tmpdir(), 'zhenglian-backup-'));
    await verb('backup', env, join(to, 'backup'));
    const later = [await issueDriving(under), await issueDriving(under)];
    const placesOf = async (gateway: typeof under, licence: string) =>
      (await gateway.gateway.context.desk.copies(licence)).map(
        ({ place }) => `${String(place.epoch)}/${String(place.index)}`,
      );
    const used = new Set<string>();
    for (const licence of [before, ...later]) {
      for (const place of await placesOf(under, licence)) used.add(place);
    }
    const keyring = await readFile(store.masterKeyPath);
    await under.stop();

    const target = await mkdtemp(join(tmpdir(), 'zhenglian-restored-'));
    await writeFile(join(target, 'master.key'), keyring, { mode: 0o600 });
    const there = { MSP: 'P44', DATA_DIR: target, MASTER_KEY: join(target, 'master.key') };
    await verb('restore', there, join(to, 'backup'));
    const restored = await openTestGateway(provinces, { dataDir: target });
    expect((await restored.call('get', `/v1/licences/${before}`, AUDIT)).status).to.equal(200);
    const lost = await restored.call('get', `/v1/licences/${later[0] ?? ''}`, AUDIT);
    expect(lost.body.code).to.equal('LICENCE_UNKNOWN');
    const code = await restored.call('get', `/v1/licences/${before}/code`, AUDIT);
    expect(code.status).to.equal(200);
    const fresh = await issueDriving(restored);
    await anchored(restored, fresh);
    for (const place of await placesOf(restored, fresh)) expect(used.has(place)).to.equal(false);
    await restored.gateway.context.trace.anchor();
    expect(restored.gateway.context.trace.troubles()).to.deep.equal([]);
    const trail = await restored.gateway.context.trace.entriesOf([before]);
    expect(trail.map(({ entry }) => entry.kind)).to.include('issue');
    await restored.stop();
    await rm(to, { recursive: true });
  });
});
