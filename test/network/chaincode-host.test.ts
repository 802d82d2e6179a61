// SPDX-License-Identifier: Apache-2.0
// What a chaincode host refuses: another bundle than its package promises, peers without the organisation's certificate, messages out of turn.
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { BUNDLES } from '../../network/bundles.ts';
import { startHosts } from '../../network/fabric/chaincode-hosts.ts';
import { killProcess, listProcesses } from '../../network/fabric/processes.ts';
import { refused } from '../support/ledger-outcomes.ts';
import { REGISTER_BUNDLES } from '../support/embedded-network.ts';
import { serveBundles } from '../support/served-bundles.ts';
import { dialHost, messageOf, TYPE } from '../support/small-peer.ts';
import { createTlsRoot } from '../support/tls-certificates.ts';
import type { HostConnection } from '../support/small-peer.ts';
import type { ServedBundles } from '../support/served-bundles.ts';
import { programArguments } from '../../network/own-program.ts';

const HOST = fileURLToPath(new URL('../../network/fabric/host/main.ts', import.meta.url));

describe('network: chaincode host', function () {
  this.timeout(120_000);
  let served: ServedBundles;
  let connection: HostConnection;

  before(async () => {
    served = await serveBundles(BUNDLES);
    connection = served.connections.consortium;
  });
  after(() => served.close());

  const failure = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    );

  it('START_FAILED: another bundle than the package promises, and the process ends', async () => {
    const { file } = served.packages.consortium;
    const other = join(served.layout.folder, 'other.cjs');
    writeFileSync(other, 'exports.contracts = [];');
    const run = promisify(execFile);
    const args = [...programArguments(HOST), file, other, '127.0.0.1:1', '', ''];
    const error = await failure(run(execPath, args));
    expect(error).to.include({ code: 1 });
    expect(String(error)).to.match(/START_FAILED: .* promises the bundle [0-9a-f]{64}, not/);
  });

  it('START_FAILED with its last words where a network is started with other bundles', async () => {
    const bare = await serveBundles(BUNDLES);
    try {
      for (const { name } of listProcesses(bare.layout)) await killProcess(bare.layout, name);
      await refused(startHosts(bare.layout, bare.packages, REGISTER_BUNDLES), 'START_FAILED');
    } finally {
      await bare.close();
    }
    expect(existsSync(bare.layout.folder)).to.equal(false);
  });

  it('serves nobody without a certificate of its root, and nothing in the clear', async () => {
    const strange = await createTlsRoot();
    const pair = await strange.issue('stranger');
    const { address, root_cert } = connection;
    const strangers = [
      { address },
      { address, root_cert },
      { address, root_cert, client_cert: pair.certificate, client_key: pair.key },
      // Nor does a peer believe a host of another root.
      { ...connection, root_cert: strange.certificate },
    ];
    for (const [i, each] of strangers.entries()) {
      expect(await failure(dialHost(each)), String(i)).to.be.instanceOf(Error);
    }
    const chat = await dialHost(connection);
    expect(chat.packageId).to.equal(served.packages.consortium.id);
    chat.close();
  });

  it('answers ERROR to what it cannot read, ends a stream that speaks out of turn, and serves on', async () => {
    const transaction = (payload: Uint8Array) => {
      const message = messageOf(TYPE.TRANSACTION, payload);
      message.setTxid('one');
      message.setChannelId('zhenglian');
      return message;
    };
    const nothing = () => Promise.reject(new Error('nothing is served'));
    const early = await dialHost(connection, { ready: false });
    const untimely = early.execute(transaction(new Uint8Array(0)), nothing);
    expect(await failure(untimely)).to.be.instanceOf(Error);
    const chat = await dialHost(connection);
    const unread = await chat.execute(transaction(Uint8Array.of(0xff, 0xff, 0xff)), nothing);
    expect(unread.getType()).to.equal(TYPE.ERROR);
    chat.close();
  });
});
