// SPDX-License-Identifier: Apache-2.0
// What every engine of a gateway's tables does (gateway/src/store/table.ts).
import { expect } from 'chai';
import fc from 'fast-check';
import { fromUtf8, utf8 } from '@zhenglian/core/bytes';
import { isCodedError } from '@zhenglian/core/errors';
import type { Database } from '../../gateway/src/store/database.ts';
import type { Table, TableRange } from '../../gateway/src/store/table.ts';

/** The code of a failure, or what else came of it. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    (value) => `no error: ${String(value)}`,
    (error: unknown) => (isCodedError<string>(error) ? error.code : String(error)),
  );
}

/** The keys of a range. */
export async function keysOf(table: Table, range: TableRange): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of table.range(range)) keys.push(key);
  return keys;
}

/** Declares the behaviour; `reopen` closes the database and opens it where it stood. */
export function describeTable(
  open: () => Promise<Database>,
  reopen: () => Promise<Database>,
): void {
  let database: Database;
  let table: Table;
  before(async () => {
    database = await open();
  });
  let names = 0;
  beforeEach(() => {
    table = database.table(`t${String(++names)}`);
  });

  const put = (...keys: string[]) => table.write(keys.map((key) => ({ key, value: utf8(key) })));

  it('gives back what was written, also when it was opened anew, and nothing of another table', async () => {
    const value = Uint8Array.from({ length: 256 }, (_, i) => i);
    await table.write([
      { key: 'all/bytes', value },
      { key: 'none', value: new Uint8Array(0) },
    ]);
    await database.table('other').write([{ key: 'all/bytes', value: utf8('other') }]);
    database = await reopen();
    table = database.table(`t${String(names)}`);
    expect(await table.get('all/bytes')).to.deep.equal(value);
    expect(await table.get('none')).to.deep.equal(new Uint8Array(0));
    expect(await table.get('all')).to.equal(undefined);
    expect(await keysOf(table, { prefix: '' })).to.deep.equal(['all/bytes', 'none']);
  });

  it('gives many values in the order of the keys asked for', async () => {
    await put('a', 'b', 'c');
    const found = await table.getMany(['c', 'x', 'a', 'c']);
    expect(found.map((value) => value && fromUtf8(value))).to.deep.equal([
      'c',
      undefined,
      'a',
      'c',
    ]);
    expect(await table.getMany([])).to.deep.equal([]);
  });

  it('ranges in order, forwards, backwards, after a key, limited, over pages', async () => {
    const keys = Array.from({ length: 1203 }, (_, i) => `k/${String(i).padStart(5, '0')}`);
    await put(...keys, 'j/before', 'k', 'l');
    expect(await keysOf(table, { prefix: 'k/' })).to.deep.equal(keys);
    expect(await keysOf(table, { prefix: 'k/', reverse: true })).to.deep.equal(keys.toReversed());
    expect(await keysOf(table, { prefix: 'k/', after: 'k/01200' })).to.deep.equal(keys.slice(1201));
    expect(await keysOf(table, { prefix: 'k/', after: 'k/01200', reverse: true })).to.deep.equal(
      keys.slice(1201).toReversed(),
    );
    expect(await keysOf(table, { prefix: 'k/', limit: 700 })).to.deep.equal(keys.slice(0, 700));
    expect(await keysOf(table, { prefix: 'k/', reverse: true, limit: 1 })).to.deep.equal([
      'k/01202',
    ]);
    expect(await keysOf(table, { prefix: 'none/' })).to.deep.equal([]);
  });

  it('takes a prefix as it is: no pattern, no character that ends it early', async () => {
    const keys = [
      'a%b',
      'a_b',
      'aXb',
      'a\\b',
      "a'b",
      'a"b',
      'a,b{}',
      'a!b',
      'a🀄b',
      '证/1',
      '证照',
    ];
    await put(...keys);
    for (const key of keys) {
      const prefix = key.slice(0, -1);
      expect(await keysOf(table, { prefix }), prefix).to.deep.equal(
        [key].concat(keys.filter((other) => other !== key && other.startsWith(prefix))).sort(),
      );
      expect(await table.get(key)).to.deep.equal(utf8(key));
    }
    expect(await keysOf(table, { prefix: 'a' })).to.have.length(9);
  });

  it('orders keys by their bytes, whatever the language', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }), {
          maxLength: 12,
        }),
        async (texts) => {
          const keys = texts.filter((text) => !/[\0\u{10ffff}]/u.test(text));
          const fresh = database.table(`t${String(++names)}`);
          await fresh.write(keys.map((key) => ({ key, value: utf8(key) })));
          const sorted = keys.sort((a, b) => Buffer.compare(utf8(a), utf8(b)));
          expect(await keysOf(fresh, { prefix: '' })).to.deep.equal(sorted);
        },
      ),
      { numRuns: 8 },
    );
  });

  it('writes and deletes in one batch, of two changes of a key the later', async () => {
    await put('gone', 'kept');
    await table.write([
      { key: 'gone' },
      { key: 'never' },
      { key: 'new', value: utf8('1') },
      { key: 'new', value: utf8('2') },
      { key: 'kept' },
      { key: 'kept', value: utf8('again') },
      { key: 'brief', value: utf8('x') },
      { key: 'brief' },
    ]);
    expect(await keysOf(table, { prefix: '' })).to.deep.equal(['kept', 'new']);
    expect(await table.get('new')).to.deep.equal(utf8('2'));
    await table.write([]);
  });

  it('refuses the whole batch when a key that was to be new is there', async () => {
    await put('there');
    const batch = [
      { key: 'there' },
      { key: 'fresh', value: utf8('1'), ifAbsent: true as const },
      { key: 'side', value: utf8('1') },
    ];
    await table.write(batch);
    expect(await keysOf(table, { prefix: '' })).to.deep.equal(['fresh', 'side']);
    await put('there');
    await table.write([{ key: 'side', value: utf8('2') }]);
    expect(await codeOf(table.write(batch))).to.equal('CONFLICT');
    expect(await keysOf(table, { prefix: '' })).to.deep.equal(['fresh', 'side', 'there']);
    expect(await table.get('side')).to.deep.equal(utf8('2'));
  });

  it('lets one of many have a new key', async () => {
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        codeOf(
          table.write([
            { key: 'one', value: utf8(String(i)), ifAbsent: true },
            { key: `trace/${String(i)}`, value: utf8('x') },
          ]),
        ),
      ),
    );
    expect(results.filter((code) => code === 'CONFLICT')).to.have.length(19);
    const winner = results.findIndex((code) => code !== 'CONFLICT');
    expect(await table.get('one')).to.deep.equal(utf8(String(winner)));
    expect(await keysOf(table, { prefix: 'trace/' })).to.deep.equal([`trace/${String(winner)}`]);
  });

  it('writes batches over the same keys side by side, in any order of keys', async () => {
    const keys = Array.from({ length: 50 }, (_, i) => `k${String(i)}`);
    await Promise.all(
      Array.from({ length: 16 }, (_, i) =>
        table.write(
          (i % 2 === 0 ? keys : keys.toReversed()).map((key) => ({ key, value: utf8(String(i)) })),
        ),
      ),
    );
    const values = await table.getMany(keys);
    expect(new Set(values.map((value) => value && fromUtf8(value))).size).to.equal(1);
  });

  it('dumps everything as of one moment', async () => {
    await put('a', 'b');
    const name = `t${String(names)}`;
    const seen: string[] = [];
    let isFirst = true;
    for await (const entry of database.dump()) {
      if (isFirst) await put('c');
      isFirst = false;
      if (entry.table === name) seen.push(`${entry.key}=${fromUtf8(entry.value)}`);
    }
    expect(seen).to.deep.equal(['a=a', 'b=b']);
    expect(await keysOf(table, { prefix: '' })).to.deep.equal(['a', 'b', 'c']);
  });

  it('rewrites rows page by page, but none that was written meanwhile', async () => {
    const name = `t${String(names)}`;
    const keys = Array.from({ length: 1100 }, (_, i) => `k/${String(i).padStart(5, '0')}`);
    await put(...keys);
    const writer = { isOver: false };
    const writing = (async () => {
      for (let i = 0; !writer.isOver; i += 1)
        await table.write([{ key: 'k/00007', value: utf8('new') }]);
    })();
    for (let after: string | undefined = ''; after !== undefined;) {
      after = await database.rewrite(name, after, ({ key, value }) =>
        fromUtf8(value) === key ? utf8(`${key}!`) : undefined,
      );
    }
    writer.isOver = true;
    await writing;
    for await (const { key, value } of table.range({ prefix: '' })) {
      expect(fromUtf8(value)).to.equal(key === 'k/00007' ? 'new' : `${key}!`);
    }
    expect(await keysOf(table, { prefix: '' })).to.deep.equal(keys);
  });

  it('keeps what it has when a prefix is purged of what was deleted', async () => {
    await put('p/1', 'p/2');
    await table.write([{ key: 'p/1' }]);
    await database.purge(`t${String(names)}`, 'p/');
    expect(await keysOf(table, { prefix: '' })).to.deep.equal(['p/2']);
    expect(database.isHealthy()).to.equal(true);
  });
}
