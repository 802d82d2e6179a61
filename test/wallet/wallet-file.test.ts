// SPDX-License-Identifier: Apache-2.0
// The wallet on disk: made once, opened with its passphrase alone, and never wrong in silence.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Level } from 'level';
import { isCodedError } from '@zhenglian/core/errors';
import { utf8 } from '@zhenglian/core/bytes';
import { createWalletFile, openWalletFile } from '@zhenglian/wallet-cli/wallet-file';
import { createHolderKey, withHolderKey } from '@zhenglian/wallet-cli/holder-keys';
import { makeFolder, PASSPHRASE, refusalOf, runHere } from '../support/wallet-process.ts';

describe('wallet: the file', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let dir: string;
  const passphrase = () => Promise.resolve(utf8(PASSPHRASE));

  beforeEach(async () => {
    folder = await makeFolder();
    dir = join(folder.dir, 'deep', 'wallet');
  });
  afterEach(() => folder.drop());

  const codeOf = async (act: Promise<unknown>): Promise<string> => {
    try {
      await act;
      return 'nothing was thrown';
    } catch (error) {
      if (isCodedError<string>(error)) return error.code;
      throw error;
    }
  };
  const open = () => openWalletFile(dir, passphrase);

  it('keeps values over closing and opening, in one batch', async () => {
    await createWalletFile(dir, passphrase);
    const file = await open();
    await file.write([
      { key: 'a/1', value: utf8('one') },
      { key: 'a/2', value: utf8('two') },
      { key: 'b/1', value: utf8('three') },
    ]);
    await file.write([{ key: 'a/2' }, { key: 'a/3', value: utf8('four') }]);
    await file.close();
    const again = await open();
    expect(await again.keys('a/')).to.deep.equal(['a/1', 'a/3']);
    expect(await again.get('a/1')).to.deep.equal(utf8('one'));
    expect(await again.get('a/2')).to.equal(undefined);
    await again.close();
    expect(readdirSync(join(folder.dir, 'deep'))).to.deep.equal(['wallet']);
  });

  it('refuses to be made over anything', async () => {
    await createWalletFile(dir, passphrase);
    expect(await codeOf(createWalletFile(dir, passphrase))).to.equal('WALLET_EXISTS');
  });

  it('says when it cannot be made or is not there', async () => {
    expect(await codeOf(open())).to.equal('WALLET_MISSING');
    const file = join(folder.dir, 'file');
    writeFileSync(file, '');
    const below = createWalletFile(join(file, 'wallet'), passphrase);
    expect(await codeOf(below)).to.equal('WALLET_UNWRITABLE');
  });

  it('opens with no other passphrase, and asks for none where nothing is', async () => {
    await createWalletFile(dir, passphrase);
    const other = openWalletFile(dir, () => Promise.resolve(utf8(`${PASSPHRASE} `)));
    expect(await codeOf(other)).to.equal('PASSPHRASE_WRONG');
    const unasked = openWalletFile(join(folder.dir, 'none'), () => {
      throw new Error('was asked');
    });
    expect(await codeOf(unasked)).to.equal('WALLET_MISSING');
    const file = await open();
    expect(await codeOf(open())).to.equal('WALLET_LOCKED');
    await file.close();
  });

  it('notices values that were altered, moved or cut', async () => {
    await createWalletFile(dir, passphrase);
    const file = await open();
    await file.write([
      { key: 'a', value: utf8('one') },
      { key: 'b', value: utf8('two') },
    ]);
    await file.close();
    const raw = new Level<string, Uint8Array>(dir, { valueEncoding: 'view' });
    const sealed = await raw.get('a');
    const bent = Uint8Array.from(sealed);
    bent[20] = (bent[20] ?? 0) ^ 1;
    await raw.put('bent', bent);
    await raw.put('b', sealed);
    await raw.put('a', sealed.slice(0, 10));
    await raw.close();
    const again = await open();
    for (const key of ['a', 'b', 'bent']) {
      expect(await codeOf(again.get(key)), key).to.equal('WALLET_CORRUPT');
    }
    await again.close();
  });

  it('notices a folder that is no wallet, or one that lost its head', async () => {
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'letter.txt'), 'dear diary');
    expect(await codeOf(open())).to.equal('WALLET_CORRUPT');
    expect(readFileSync(join(dir, 'letter.txt'), 'utf8')).to.equal('dear diary');

    const headless = join(folder.dir, 'headless');
    const raw = new Level<string, Uint8Array>(headless, { valueEncoding: 'view' });
    await raw.put('x', utf8('x'));
    await raw.close();
    expect(await codeOf(openWalletFile(headless, passphrase))).to.equal('WALLET_CORRUPT');

    const wallet = join(folder.dir, 'wallet');
    await createWalletFile(wallet, passphrase);
    writeFileSync(join(wallet, 'CURRENT'), 'MANIFEST-999999\n');
    expect(await codeOf(openWalletFile(wallet, passphrase))).to.equal('WALLET_CORRUPT');
  });

  it('never leaves a signing key usable after its work', async () => {
    await createWalletFile(dir, passphrase);
    const file = await open();
    const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
    const ref = await createHolderKey(file, random, () => []);
    const signer = await withHolderKey(file, ref, (held) => {
      expect(held.sign(utf8('now')).length).to.equal(64);
      return held;
    });
    expect(() => signer.sign(utf8('later'))).to.throw();
    expect(await codeOf(withHolderKey(file, 'none', () => 0))).to.equal('WALLET_CORRUPT');
    await file.close();
  });

  it('wants a passphrase of eight characters, twice the same', async () => {
    const init = (answers: string[]) =>
      runHere(['init', '--wallet', dir, '--json'], { answers, environment: {} });
    expect(refusalOf(await init(['short', 'short']))).to.equal('PASSPHRASE_WEAK');
    expect(refusalOf(await init(['long enough', 'long enouhg']))).to.equal('PASSPHRASE_MISMATCH');
    expect((await init(['long enough', 'long enough'])).code).to.equal(0);
    const list = (answers: string[]) =>
      runHere(['list', '--wallet', dir, '--json'], { answers, environment: {} });
    expect((await list(['long enough'])).code).to.equal(0);
    expect(refusalOf(await list(['wrong guess']))).to.equal('PASSPHRASE_WRONG');
    const nobody = await runHere(['list', '--wallet', dir, '--json'], { environment: {} });
    expect(refusalOf(nobody)).to.equal('PASSPHRASE_NEEDED');
  });
});
