// SPDX-License-Identifier: Apache-2.0
// Key files and what is wrong with them; and the keys of a network from before there were any.
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { sm2 } from '@zhenglian/guomi';
import { toHex } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import { keyId, verifyFor } from '@zhenglian/core/signing';
import { memoryTable } from '../../../gateway/src/replica/memory-table.ts';
import { openKeyStore } from '../../../gateway/src/signing/open-key-store.ts';
import { openBulkSigner } from '../../../gateway/src/signing/bulk-signer.ts';
import type { SignerConfig } from '../../../gateway/src/signing/signer-settings.ts';
import type { Table } from '../../../gateway/src/store/table.ts';
import { GUANGDONG } from '../support.ts';
import { rule } from './contents.ts';

describe('gateway: key files', function () {
  this.timeout(60_000);
  let folder: string;
  let keys: string;
  let passphrase: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zhenglian-keyfiles-'));
    [keys, passphrase] = [join(folder, 'keys'), join(folder, 'passphrase')];
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const open = (store: Table = memoryTable(), settings: Partial<SignerConfig> = {}) =>
    openKeyStore(
      {
        kind: 'file',
        folder: keys,
        passphraseFile: passphrase,
        limits: undefined,
        ...settings,
      } as SignerConfig,
      {
        store,
        clock: () => 1_800_000_000,
        random: (length) => new Uint8Array(randomBytes(length)),
        openSigner: openBulkSigner,
      },
    );
  const makeKey = async () => {
    const store = await open();
    const key = await (await store.openSession()).generateKey(GUANGDONG);
    await store.close();
    const path = join(keys, `${GUANGDONG}-${toHex(key.kid)}.pem`);
    return { key, path };
  };
  const refused = async () => {
    const outcome: unknown = await open().catch((error: unknown) => error);
    return outcome instanceof Error ? outcome.message : 'opened';
  };

  it('are encrypted, their owner’s alone, and opened by their passphrase', async () => {
    const { key, path } = await makeKey();
    for (const file of [path, passphrase]) {
      expect((await stat(file)).mode & 0o777).to.equal(0o600);
    }
    const text = await readFile(path, 'utf8');
    const der = Buffer.from(/KEY-----\n([^-]+)-----END/.exec(text)?.[1] ?? '', 'base64');
    const word = (await readFile(passphrase, 'utf8')).trim();
    expect(word).to.match(/^[0-9a-f]{64}$/);
    const pair = sm2.decryptPkcs8(new Uint8Array(der), new TextEncoder().encode(word));
    expect(toHex(keyId(pair.publicKey))).to.equal(toHex(key.kid));
    expect(text).to.not.include(toHex(pair.secretKey));
    expect(der.includes(Buffer.from(pair.secretKey))).to.equal(false);
  });

  it('are refused with a passphrase that is wrong, short, missing or others can read', async () => {
    await makeKey();
    const word = await readFile(passphrase, 'utf8');
    await writeFile(passphrase, 'another passphrase of some length');
    expect(await refused())
      .to.include('SIGNER_KEYS')
      .and.include('does not open');
    await writeFile(passphrase, 'short');
    expect(await refused()).to.include('SIGNER_KEYS');
    await rm(passphrase);
    expect(await refused())
      .to.include('SIGNER_KEYS')
      .and.include('put it back');
    await writeFile(passphrase, `${word}\n`);
    await chmod(passphrase, 0o640);
    expect(await refused()).to.include('chmod 600');
    await chmod(passphrase, 0o600);
    await (await open()).close();
  });

  it('are refused when they are cut, renamed, or others can read them', async () => {
    const { path } = await makeKey();
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.slice(0, 200));
    expect(await refused()).to.include('is no key file');
    await writeFile(path, text);
    await chmod(path, 0o644);
    expect(await refused()).to.include('chmod 600');
    await chmod(path, 0o600);
    await rename(path, join(keys, `${GUANGDONG}-0000000000000000.pem`));
    expect(await refused()).to.include('the name of another key');
  });

  it('have one user at a time', async () => {
    const store = await open();
    expect(await refused()).to.include('DATA_DIR_LOCKED');
    await store.close();
  });

  it('take in what a gateway kept in its own store, whenever it is killed in between', async () => {
    const { secretKey, publicKey } = sm2.generateKeyPair();
    const table = memoryTable();
    const row = { key: `key/${GUANGDONG}`, value: encodeCbor(secretKey) };
    await table.write([row]);
    for (let start = 0; start < 2; start += 1) {
      const store = await open(table);
      const session = await store.openSession();
      const [key, ...others] = await session.listKeys();
      if (key === undefined) throw new Error('the key did not come');
      expect(others).to.deep.equal([]);
      expect(key).to.deep.include({ authority: GUANGDONG, kid: keyId(publicKey) });
      const [signature = new Uint8Array()] = await session.sign(key.handle, [rule()]);
      expect(verifyFor({ ...rule(), publicKey, signature })).to.equal(true);
      await store.close();
      expect(await table.get(row.key)).to.equal(undefined);
      // As a kill after the file and before the deletion leaves it.
      await table.write([row]);
    }
    expect((await readdir(keys)).filter((name) => name.endsWith('.pem'))).to.have.length(1);
  });

  it('must have been taken in before a signer process is asked for them', async () => {
    const table = memoryTable();
    await table.write([{ key: `key/${GUANGDONG}`, value: encodeCbor(new Uint8Array(32)) }]);
    const remote = {
      kind: 'remote',
      address: { kind: 'socket', path: join(folder, 's') },
    } as const;
    const outcome: unknown = await open(table, remote).catch((error: unknown) => error);
    expect(String(outcome)).to.include('CONFIG_INVALID').and.include('SIGNER=file');
  });

  it('are not there where nothing is issued', async () => {
    const parts = {
      store: memoryTable(),
      clock: () => 0,
      random: () => new Uint8Array(),
      openSigner: openBulkSigner,
    };
    const store = await openKeyStore(undefined, parts);
    expect(store.troubles()).to.deep.equal([]);
    const outcome: unknown = await store.openSession().catch((error: unknown) => error);
    expect(String(outcome)).to.include('READ_ONLY');
    await store.close();
  });
});
