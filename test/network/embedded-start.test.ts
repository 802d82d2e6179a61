// SPDX-License-Identifier: Apache-2.0
// Starting, starting twice, and not being able to: the real process with the real contracts.
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { execPath } from 'node:process';
import { createServer } from 'node:net';
import { expect } from 'chai';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { toHex } from '@zhenglian/core/bytes';
import { verifyAnswer } from '@zhenglian/core/cosigned-answer';
import { connectEmbedded } from '../../network/embedded/client.ts';
import { spawnLedger } from '../../network/embedded/spawn-ledger.ts';
import { startEmbedded } from '../../network/embedded/start.ts';
import { refused } from '../support/ledger-outcomes.ts';
import {
  DEFINITION,
  readRoots,
  REGISTER_BUNDLES,
  temporaryFolder,
} from '../support/embedded-network.ts';

describe('embedded network: start', function () {
  this.timeout(120_000);
  let folder: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const spawnRegister = (more: { port?: number; dataDir?: string; channel?: string } = {}) =>
    spawnLedger({
      dataDir: more.dataDir ?? folder,
      definition: { ...DEFINITION, channel: more.channel ?? DEFINITION.channel },
      bundles: REGISTER_BUNDLES,
      ...(more.port !== undefined && { port: more.port }),
    });

  it('founds the network once, and finds it again', async () => {
    const network = await startEmbedded({ dataDir: folder, ...DEFINITION });
    const identity = await network.identity('P33', 'gateway-1');
    const ledger = await connectEmbedded({ url: network.url, channel: 'zhenglian', ...identity });
    const request = encodeCbor({ nonce: new Uint8Array(16) });
    const question = { chaincode: 'zl', name: 'TrustBundle', request };
    const answer = await ledger.evaluateCosigned(question);
    const trust = { roots: await readRoots(folder), least: 3 };
    const { value } = verifyAnswer(answer, { channel: 'zhenglian', ...question }, trust);
    const bundle = decodeCbor(value);
    const networkId = bundle instanceof Map ? bundle.get('networkId') : undefined;
    expect(networkId instanceof Uint8Array && toHex(networkId)).to.equal(network.fingerprint);
    const height = await ledger.height();
    await network.stop();

    const again = await startEmbedded({ dataDir: folder, ...DEFINITION });
    expect(again.fingerprint).to.equal(network.fingerprint);
    const { certificatePem } = await again.identity('P33', 'gateway-1');
    expect(certificatePem).to.equal(identity.certificatePem);
    const later = await connectEmbedded({ url: again.url, channel: 'zhenglian', ...identity });
    expect(await later.height()).to.equal(height);
    await refused(startEmbedded({ dataDir: folder, ...DEFINITION }), 'DATA_DIR_LOCKED');
    await again.stop();
  });

  it('keeps keys and certificates readable by their owner only', async () => {
    const ledger = await spawnRegister();
    await ledger.stop();
    const organisations = join(folder, 'ledger', 'organisations');
    const files = await readdir(organisations, { recursive: true });
    const keys = files.filter((name) => name.endsWith('.pem'));
    expect(keys.length).to.equal(18);
    for (const key of keys)
      expect((await stat(join(organisations, key))).mode & 0o777).to.equal(0o600);
  });

  it('START_FAILED: another network, no bundle, a definition that is none', async () => {
    await (await spawnRegister()).stop();
    await refused(spawnRegister({ channel: 'other' }), 'START_FAILED');
    const none = { consortium: join(folder, 'none.cjs'), organisation: join(folder, 'none.cjs') };
    const dataDir = join(folder, 'b');
    await refused(spawnLedger({ dataDir, definition: DEFINITION, bundles: none }), 'START_FAILED');
    const definition = { ...DEFINITION, organisations: DEFINITION.organisations.slice(0, 1) };
    await refused(
      spawnLedger({ dataDir: join(folder, 'c'), definition, bundles: REGISTER_BUNDLES }),
      'START_FAILED',
    );
  });

  it('DATA_DIR_UNWRITABLE: below a file, and with a chain that is none', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await refused(spawnRegister({ dataDir: join(file, 'below') }), 'DATA_DIR_UNWRITABLE');
    await mkdir(join(folder, 'ledger'));
    await writeFile(join(folder, 'ledger', 'blocks'), 'not a database');
    await refused(spawnRegister(), 'DATA_DIR_UNWRITABLE');
  });

  it('PORT_IN_USE', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await refused(spawnRegister({ port }), 'PORT_IN_USE');
    server.close();
  });

  it('ends with its parent, however that ends', async () => {
    const spawnModule = new URL('../../network/embedded/spawn-ledger.ts', import.meta.url).href;
    const options = { dataDir: folder, definition: DEFINITION, bundles: REGISTER_BUNDLES };
    const script = `
      const { spawnLedger } = await import(${JSON.stringify(spawnModule)});
      const ledger = await spawnLedger(${JSON.stringify(options)});
      console.log(ledger.process.pid);`;
    const flags = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', script];
    const parent = spawn(execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).to.equal(true);
    parent.kill('SIGKILL');
    const end = Date.now() + 10_000;
    while (isAlive(pid) && Date.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isAlive(pid)).to.equal(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
