// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { concat, fromUtf8, utf8 } from '@zhenglian/core/bytes';
import { memoryTable } from '../../gateway/src/replica/memory-table.ts';
import { createDataKeys, erasedMark } from '../../gateway/src/store/data-keys.ts';
import { dataKeyName, sealingOf } from '../../gateway/src/store/field-groups.ts';
import {
  addKey,
  createKeyring,
  deriveKey,
  dropOldKeys,
  readKeyring,
  writeKeyring,
} from '../../gateway/src/store/keyring.ts';
import { sealTable } from '../../gateway/src/store/sealed-table.ts';
import type { Table } from '../../gateway/src/store/table.ts';
import { createVault } from '../../gateway/src/store/vault.ts';
import { codeOf, keysOf } from '../suites/table.ts';

const [A, B] = ['a'.repeat(32), 'b'.repeat(32)];

describe('gateway: keyring', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zhenglian-keyring-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is written for its owner only and read as it was', async () => {
    const path = join(folder, 'master.key');
    expect(await readKeyring(path)).to.equal(undefined);
    const keyring = addKey(createKeyring());
    await writeKeyring(path, keyring);
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
    expect(await readKeyring(path)).to.deep.equal(keyring);
    expect(keyring.keys.map(({ version }) => version)).to.deep.equal([1, 2]);
    expect(dropOldKeys(keyring).keys.map(({ version }) => version)).to.deep.equal([2]);
  });

  it('refuses what is no keyring', async () => {
    const path = join(folder, 'master.key');
    const good = JSON.parse(
      await writeKeyring(path, createKeyring()).then(() => readFile(path, 'utf8')),
    );
    const wrong = [
      '',
      '{}',
      JSON.stringify({ ...good, keys: [] }),
      JSON.stringify({ ...good, keys: [good.keys[0], good.keys[0]] }),
      JSON.stringify({ ...good, index: 'short' }),
      JSON.stringify({ ...good, more: 1 }),
    ];
    for (const content of wrong) {
      await writeFile(path, content);
      expect(await codeOf(readKeyring(path)), content).to.equal('STORE_CORRUPT');
    }
  });

  it('opens what a file of 32 bytes sealed, with its indexes, and goes on in SM4', async () => {
    const path = join(folder, 'master.key');
    const master = new Uint8Array(randomBytes(32));
    await writeFile(path, master);
    const kept = await readKeyring(path);
    if (kept === undefined) throw new Error('there is a keyring');
    const old = sealedByEarlierVersion(master, utf8('张三'), 'licence/1');
    for (const vault of [createVault(kept), createVault(addKey(kept))]) {
      expect(fromUtf8(vault.unseal(old, 'licence/1'))).to.equal('张三');
      expect(() => vault.unseal(old, 'licence/2')).to.throw('STORE_CORRUPT');
      expect(vault.isOld(old)).to.equal(true);
      expect(vault.seal(utf8('x'), 'p')[0]).to.equal(2);
      expect(vault.index('number', '1')).to.equal(createVault(kept).index('number', '1'));
    }
  });

  it('opens under every key it has, tells the old ones, and nothing without the key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.string(), (clear, place) => {
        const first = createKeyring();
        const second = addKey(first);
        const sealed = createVault(first).seal(clear, place);
        const vault = createVault(second);
        expect(vault.unseal(sealed, place)).to.deep.equal(clear);
        expect(vault.isOld(sealed)).to.equal(clear.length > 0);
        expect(vault.isOld(vault.seal(clear, place))).to.equal(false);
        if (clear.length === 0) return;
        expect(() => createVault(dropOldKeys(second)).unseal(sealed, place)).to.throw(
          'STORE_CORRUPT',
        );
      }),
      { numRuns: 50 },
    );
  });
});

describe('gateway: data keys', () => {
  let plain: Table;
  let table: Table;
  const vault = createVault(createKeyring());
  beforeEach(() => {
    plain = memoryTable();
    table = sealTable(plain, vault);
  });
  const rows = (id: string) => [
    { key: `licence/${id}`, value: utf8('particulars') },
    { key: `copy/${id}/1`, value: utf8('first') },
    { key: `copy/${id}/2`, value: utf8('second') },
    { key: `attachments/${id}`, value: utf8('photo') },
  ];

  it('names the owner and group of each row', () => {
    expect(sealingOf('licence/1')).to.deep.equal({ owner: '1', group: 'particulars' });
    expect(sealingOf('copy/1/2')).to.deep.equal({ owner: '1', group: 'copies' });
    expect(sealingOf('attachments/1')).to.deep.equal({ owner: '1', group: 'attachments' });
    expect(sealingOf('import-rows/j/000001')).to.deep.equal({ owner: 'j', group: 'rows' });
    for (const other of ['licence', 'living/x', 'data-key/1', 'toString/1', 'constructor/1', '']) {
      expect(sealingOf(other), other).to.equal(undefined);
    }
  });

  it('makes the keys of an owner in the batch that first writes a row of it, and keeps them', async () => {
    await table.write([...rows(A), { key: 'living/x', value: utf8('l') }]);
    const wrapped = await plain.get(dataKeyName(A));
    expect(await keysOf(plain, { prefix: 'data-key/' })).to.deep.equal([dataKeyName(A)]);
    expect((await plain.get(`licence/${A}`))?.[0]).to.equal(3);
    expect((await plain.get('living/x'))?.[0]).to.equal(2);
    await table.write([{ key: `copy/${A}/3`, value: utf8('third') }]);
    await sealTable(plain, vault).write([{ key: `copy/${A}/4`, value: utf8('fourth') }]);
    expect(await plain.get(dataKeyName(A))).to.deep.equal(wrapped);
    for (const reader of [table, sealTable(plain, vault)]) {
      const found: string[] = [];
      for await (const { value } of reader.range({ prefix: 'copy/' })) found.push(fromUtf8(value));
      expect(found).to.deep.equal(['first', 'second', 'third', 'fourth']);
      const [licence, none] = await reader.getMany([`licence/${A}`, `licence/${B}`]);
      expect(licence && fromUtf8(licence)).to.equal('particulars');
      expect(none).to.equal(undefined);
    }
  });

  it('opens no row with the keys of another owner, group or place', async () => {
    await table.write([...rows(A), ...rows(B)]);
    const moved = await plain.get(`licence/${A}`);
    if (moved === undefined) throw new Error('it was written');
    for (const place of [`licence/${B}`, `copy/${A}/1`, `attachments/${A}`, 'living/x']) {
      await plain.write([{ key: place, value: moved }]);
      expect(await codeOf(table.get(place)), place).to.equal('STORE_CORRUPT');
    }
    await plain.write([{ key: dataKeyName(A) }]);
    expect(await codeOf(table.get(`copy/${A}/2`))).to.equal('STORE_CORRUPT');
  });

  it('agrees on one set of keys when two write the first rows of an owner at once', async () => {
    const other = sealTable(plain, vault);
    await Promise.all(rows(A).map((row, i) => (i % 2 === 0 ? table : other).write([row])));
    for (const { key, value } of rows(A)) expect(await table.get(key)).to.deep.equal(value);
  });

  it('wipes the keys of an owner when the last who holds them lets go, and not before', () => {
    const dataKeys = createDataKeys(vault);
    const [nonce, text] = [new Uint8Array(12), utf8('x')];
    const keys = dataKeys.create(A, 'copies');
    const key = keys.keyOf('copies');
    dataKeys.keep(A, keys);
    keys.release();
    const stored = dataKeys.recent(A);
    expect(stored).to.equal(keys);
    keys.hold();
    dataKeys.forget(A);
    expect(key.decrypt(nonce, key.encrypt(nonce, text))).to.deep.equal(text);
    keys.release();
    expect(() => key.encrypt(nonce, text)).to.throw('CIPHER_KEY_CLOSED');
    expect(() => keys.keyOf('particulars')).to.throw('STORE_CORRUPT');
    expect(dataKeys.recent(A)).to.equal(undefined);
    const opened = dataKeys.open(A, keys.wrapped).keyOf('copies');
    expect(dataKeys.open(A, keys.wrapped).keyOf('copies')).to.equal(opened);
    dataKeys.forget(A);
    expect(() => opened.encrypt(nonce, text)).to.throw('CIPHER_KEY_CLOSED');
  });

  it('goes on under the new keys of a vault, and has closed the old ones', () => {
    const first = createKeyring();
    const changing = createVault(first);
    const sealed = changing.seal(utf8('x'), 'p');
    changing.use(addKey(first));
    expect(fromUtf8(changing.unseal(sealed, 'p'))).to.equal('x');
    expect(changing.isOld(sealed)).to.equal(true);
    expect(changing.isOld(changing.seal(utf8('y'), 'p'))).to.equal(false);
  });

  it("leaves a caller's own conflict to the caller", async () => {
    await table.write([{ key: 'number/1', value: utf8('x') }]);
    const batch = [...rows(A), { key: 'number/1', value: utf8('y'), ifAbsent: true as const }];
    expect(await codeOf(table.write(batch))).to.equal('CONFLICT');
    expect(await keysOf(plain, { prefix: '' })).to.deep.equal(['number/1']);
  });

  it('answers ERASED once the keys are destroyed, to who had them open too, and takes no more rows', async () => {
    const other = sealTable(plain, vault);
    await table.write([...rows(A), ...rows(B)]);
    expect(await other.get(`licence/${A}`)).to.deep.equal(utf8('particulars'));
    await table.write([{ key: dataKeyName(A), value: erasedMark('r1') }]);
    for (const reader of [table, other, sealTable(plain, vault)]) {
      expect(await codeOf(reader.get(`licence/${A}`))).to.equal('ERASED');
      expect(await codeOf(reader.getMany([`licence/${B}`, `copy/${A}/1`]))).to.equal('ERASED');
      expect(await codeOf(keysOf(reader, { prefix: `copy/${A}/` }))).to.equal('ERASED');
      expect(await reader.get(`licence/${B}`)).to.deep.equal(utf8('particulars'));
    }
    expect(await codeOf(table.write(rows(A)))).to.equal('ERASED');
  });
});

function sealedByEarlierVersion(master: Uint8Array, clear: Uint8Array, place: string): Uint8Array {
  const nonce = new Uint8Array(randomBytes(12));
  const cipher = createCipheriv('aes-256-gcm', deriveKey(master, 'seal', 32), nonce);
  cipher.setAAD(utf8(place));
  const body = concat(cipher.update(clear), cipher.final());
  return concat(Uint8Array.of(1), nonce, body, cipher.getAuthTag());
}
