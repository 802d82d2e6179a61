// SPDX-License-Identifier: Apache-2.0
// Both key stores under the one suite (test/suites/signer.ts): files in this process, and the signer process on its socket.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileKeyStore } from '../../../gateway/src/signing/file-key-store.ts';
import type { KeyStore } from '../../../gateway/src/signing/key-store.ts';
import { parseLimits } from '../../../gateway/src/signing/limits-file.ts';
import { openRemoteKeyStore } from '../../../gateway/src/signing/remote-key-store.ts';
import { describeKeyStore } from '../../suites/signer.ts';
import type { KeyStoreFixture } from '../../suites/signer.ts';
import { startSigner } from './signer-process.ts';
import type { SignerProcess } from './signer-process.ts';

describeKeyStore('files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'zhenglian-keys-'));
  let store: KeyStore | undefined;
  return fixtureOf(folder, async (limits) => {
    await store?.close();
    store = await openFileKeyStore({
      folder: join(folder, 'keys'),
      passphraseFile: join(folder, 'passphrase'),
      limits: limits === undefined ? undefined : parseLimits(limits),
      clock: () => Math.floor(Date.now() / 1000),
      random: (length) => new Uint8Array(randomBytes(length)),
    });
    return store;
  });
});

describeKeyStore('a signer process', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'zhenglian-signer-'));
  const path = join(folder, 'signer.sock');
  let store: KeyStore | undefined;
  let signer: SignerProcess | undefined;
  const fixture = fixtureOf(folder, async (limits) => {
    await store?.close();
    await signer?.kill();
    const file = join(folder, 'limits.json');
    if (limits !== undefined) await writeFile(file, JSON.stringify(limits));
    signer = await startSigner({
      SIGNER_KEYS: join(folder, 'keys'),
      SIGNER_PASSPHRASE_FILE: join(folder, 'passphrase'),
      SIGNER_SOCKET: path,
      ...(limits === undefined ? {} : { SIGNER_LIMITS: file }),
    });
    store = await openRemoteKeyStore({ address: { kind: 'socket', path } });
    return store;
  });
  return {
    ...fixture,
    async close() {
      await store?.close();
      await signer?.kill();
      await fixture.close();
    },
  };
});

function fixtureOf(folder: string, open: (limits?: unknown) => Promise<KeyStore>): KeyStoreFixture {
  let store: KeyStore | undefined;
  return {
    open: async (limits) => (store = await open(limits)),
    async close() {
      await store?.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
