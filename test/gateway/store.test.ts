// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { fromUtf8, utf8 } from '@zhenglian/core/bytes';
import { isCodedError } from '@zhenglian/core/errors';
import { createLocks } from '../../gateway/src/locks.ts';
import { createLog } from '../../gateway/src/log.ts';
import { openDatabase } from '../../gateway/src/store/database.ts';
import type { Database } from '../../gateway/src/store/database.ts';
import { sealTable } from '../../gateway/src/store/sealed-table.ts';
import { createKeyring } from '../../gateway/src/store/keyring.ts';
import { createVault, openVault } from '../../gateway/src/store/vault.ts';

const EMPTY = { isEmpty: true };

describe('gateway: store', () => {
  let folder: string;
  let database: Database;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zhenglian-store-'));
    database = await openDatabase(join(folder, 'store'));
  });
  afterEach(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  const codeOf = async (work: Promise<unknown>): Promise<string> => {
    const error = await work.then(
      () => undefined,
      (cause: unknown) => cause,
    );
    return isCodedError<string>(error) ? error.code : String(error);
  };

  it('keeps tables apart and ranges in order, forwards, backwards and in pages', async () => {
    const [a, b] = [database.table('a'), database.table('b')];
    const keys = Array.from({ length: 1203 }, (_, i) => `k/${String(i).padStart(5, '0')}`);
    await a.write(keys.map((key) => ({ key, value: utf8(key) })));
    await b.write([{ key: 'k/other', value: utf8('b') }]);
    const read = async (range: Parameters<typeof a.range>[0]) => {
      const found: string[] = [];
      for await (const { key, value } of a.range(range)) {
        expect(fromUtf8(value)).to.equal(key);
        found.push(key);
      }
      return found;
    };
    expect(await read({ prefix: 'k/' })).to.deep.equal(keys);
    expect(await read({ prefix: 'k/', reverse: true })).to.deep.equal(keys.toReversed());
    expect(await read({ prefix: 'k/', after: 'k/01200' })).to.deep.equal(['k/01201', 'k/01202']);
    expect(await read({ prefix: 'k/', reverse: true, limit: 1 })).to.deep.equal(['k/01202']);
    expect(await read({ prefix: 'none/' })).to.deep.equal([]);
    await a.write([{ key: 'k/00000' }]);
    expect(await a.get('k/00000')).to.equal(undefined);
  });

  it('seals values for their place: nothing readable on disk, nothing moved opens', async () => {
    const vault = await openVault(join(folder, 'master.key'), EMPTY);
    const plain = database.table('t');
    const table = sealTable(plain, vault);
    const secret = '440106198001011234 张三丰';
    await table.write([{ key: 'x', value: utf8(secret) }]);
    expect(fromUtf8((await table.get('x')) ?? utf8(''))).to.equal(secret);
    const sealed = await plain.get('x');
    expect(sealed?.[0]).to.equal(2);
    await plain.write([{ key: 'y', ...(sealed === undefined ? {} : { value: sealed }) }]);
    expect(await codeOf(table.get('y'))).to.equal('STORE_CORRUPT');
    for (const flipped of [0, 5, 20]) {
      const changed = Uint8Array.from(sealed ?? []);
      changed[flipped] = (changed[flipped] ?? 0) ^ 1;
      await plain.write([{ key: 'x', value: changed }]);
      expect(await codeOf(table.get('x'))).to.equal('STORE_CORRUPT');
    }
    await database.close();
    for (const name of await readdir(join(folder, 'store'))) {
      const bytes = await readFile(join(folder, 'store', name));
      expect(bytes.includes(secret.slice(0, 18))).to.equal(false);
      expect(bytes.includes('张三丰')).to.equal(false);
    }
    database = await openDatabase(join(folder, 'store'));
  });

  it('makes its master key once, for the owner only', async () => {
    const first = await openVault(join(folder, 'master.key'), EMPTY);
    const { mode } = await stat(join(folder, 'master.key'));
    expect(mode & 0o777).to.equal(0o600);
    const again = await openVault(join(folder, 'master.key'), EMPTY);
    expect(fromUtf8(again.unseal(first.seal(utf8('a'), 'p'), 'p'))).to.equal('a');
    expect(again.index('subject', '1')).to.equal(first.index('subject', '1'));
    expect(first.index('subject', '1')).to.not.equal(first.index('number', '1'));
    const other = createVault(createKeyring());
    expect(() => other.unseal(first.seal(utf8('a'), 'p'), 'p')).to.throw('STORE_CORRUPT');
    await rm(join(folder, 'master.key'));
    expect(await codeOf(openVault(join(folder, 'master.key'), { isEmpty: false }))).to.equal(
      'STORE_CORRUPT',
    );
    expect(await readdir(folder)).to.eql(['store']);
    await writeFile(join(folder, 'master.key'), 'short');
    expect(await codeOf(openVault(join(folder, 'master.key'), EMPTY))).to.equal('STORE_CORRUPT');
  });

  it('refuses a second process, and a place where nothing can be written', async () => {
    expect(await codeOf(openDatabase(join(folder, 'store')))).to.equal('DATA_DIR_LOCKED');
    await writeFile(join(folder, 'file'), '');
    expect(await codeOf(openDatabase(join(folder, 'file', 'store')))).to.equal(
      'DATA_DIR_UNWRITABLE',
    );
    expect(await codeOf(openVault(join(folder, 'file', 'master.key'), EMPTY))).to.equal(
      'DATA_DIR_UNWRITABLE',
    );
  });
});

describe('gateway: locks and log', () => {
  it('runs one task a name at a time, in order, and survives failures', async () => {
    const locks = createLocks();
    const seen: string[] = [];
    const task = (name: string, milliseconds: number) => async () => {
      seen.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      seen.push(`${name} ends`);
      if (name === 'b') throw new Error('b fails');
      return name;
    };
    const results = await Promise.allSettled([
      locks.hold('x', task('a', 20)),
      locks.hold('x', task('b', 5)),
      locks.hold('x', task('c', 1)),
      locks.hold('y', task('d', 1)),
    ]);
    expect(results.map(({ status }) => status)).to.deep.equal([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(seen.filter((s) => !s.startsWith('d'))).to.deep.equal([
      'a begins',
      'a ends',
      'b begins',
      'b ends',
      'c begins',
      'c ends',
    ]);
    expect(seen.indexOf('d begins')).to.be.lessThan(seen.indexOf('a ends'));
  });

  it('logs where an error came from and what it is called, never what it says', () => {
    const lines: string[] = [];
    const log = createLog('info', { write: (line) => void lines.push(line) });
    const cause = new SyntaxError('Unexpected token 张三丰');
    log.error('failed', { error: new Error('440106198001011234', { cause }), count: 3 });
    const line = lines.join('');
    expect(line)
      .to.include('SyntaxError')
      .and.to.include('store.test.ts')
      .and.to.include('"count":3');
    expect(line).to.not.include('张三丰').and.to.not.include('440106198001011234');
  });
});
