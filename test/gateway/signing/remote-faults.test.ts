// SPDX-License-Identifier: Apache-2.0
// What goes wrong between a gateway and a signer process: strangers on the line, a signer that goes away, is killed, or
// does not answer.
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { concat, fromHex } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import { isCodedError } from '@zhenglian/core/errors';
import { encodeFrame } from '../../../gateway/src/signing/frames.ts';
import type { KeySession, KeyStore } from '../../../gateway/src/signing/key-store.ts';
import { openRemoteKeyStore } from '../../../gateway/src/signing/remote-key-store.ts';
import { connectTo, openedEvent } from '../../../gateway/src/signing/signer-address.ts';
import type { SignerAddress } from '../../../gateway/src/signing/signer-address.ts';
import { createTlsRoot } from '../../support/tls-certificates.ts';
import { eventually, GUANGDONG } from '../support.ts';
import { licence, rule } from './contents.ts';
import { startSigner } from './signer-process.ts';
import type { SignerProcess } from './signer-process.ts';

describe('gateway: a signer process', function () {
  this.timeout(300_000);
  let folder: string;
  let path: string;
  let address: SignerAddress;
  let signer: SignerProcess;
  let store: KeyStore;
  let session: KeySession;

  const start = (settings: Readonly<Record<string, string>> = {}) =>
    startSigner({
      SIGNER_KEYS: join(folder, 'keys'),
      SIGNER_PASSPHRASE_FILE: join(folder, 'passphrase'),
      SIGNER_SOCKET: path,
      ...settings,
    });
  const codeOf = async (work: Promise<unknown>) => {
    const outcome: unknown = await work.catch((error: unknown) => error);
    return isCodedError<string>(outcome) ? outcome.code : undefined;
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zhenglian-faults-'));
    path = join(folder, 'signer.sock');
    address = { kind: 'socket', path };
    signer = await start();
    store = await openRemoteKeyStore({ address });
    session = await store.openSession();
    await session.generateKey(GUANGDONG);
  });
  after(async () => {
    await store.close();
    await signer.kill();
    await rm(folder, { recursive: true, force: true });
  });

  it('has a socket of its owner alone', async () => {
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
    expect(store.troubles()).to.deep.equal([]);
  });

  it('cuts who says something senseless, keeps nothing of it, and serves the others', async () => {
    const senseless = {
      'a length over the limit': fromHex('7fffffff'),
      'no length': fromHex('00000000'),
      'no CBOR': encodeFrame(fromHex('ff')),
      'another verb': encodeFrame(encodeCbor([1, 'export', 1])),
      'a flood of zeroes': new Uint8Array(1 << 16),
      HTTP: new TextEncoder().encode('GET / HTTP/1.1\r\nHost: signer\r\n\r\n'),
    };
    for (const [what, bytes] of Object.entries(senseless)) {
      const socket = connect(path);
      socket.write(bytes);
      const got = await answerOf(socket);
      expect(got.length, what).to.equal(0);
    }
    expect(await session.sign(1, [rule()])).to.have.length(1);
  });

  it('says no to sessions without end and to another protocol, and stays', async () => {
    const socket = connect(path);
    const asks = Array.from({ length: 20 }, (_, i) => encodeFrame(encodeCbor([i, 'open', 1])));
    const last = encodeFrame(encodeCbor([100, 'list', 17]));
    socket.write(concat(encodeFrame(encodeCbor([99, 'open', 2])), ...asks, last));
    const isAll = (got: string) => got.includes('SIGNER_KEY_UNKNOWN');
    const text = Buffer.from(await answerOf(socket, isAll)).toString('latin1');
    expect(text.split('too many sessions')).to.have.length(5);
    expect(text).to.include('protocol 1').and.include('SIGNER_KEY_UNKNOWN');
  });

  it('is missed while it is away, and found again without a word', async () => {
    await signer.kill('SIGKILL');
    expect(await codeOf(session.sign(1, [rule()]))).to.equal('SIGNER_UNAVAILABLE');
    expect(await codeOf(session.listKeys())).to.equal('SIGNER_UNAVAILABLE');
    await eventually(async () => {
      expect(store.troubles()).to.deep.equal(['SIGNER_UNAVAILABLE']);
    });
    signer = await start();
    // A hundred who come at once share one connection and session.
    const all = Array.from({ length: 100 }, () => session.sign(1, [rule()]));
    expect((await Promise.all(all)).flat()).to.have.length(100);
    await eventually(async () => {
      expect(store.troubles()).to.deep.equal([]);
    });
  });

  it('fails what is on the way when it is killed, and all of it', async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => licence(i % 65_536));
    const work = [session.sign(1, many), session.sign(1, many)];
    const codes = Promise.all(work.map(codeOf));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await signer.kill('SIGKILL');
    expect(await codes).to.deep.equal(['SIGNER_UNAVAILABLE', 'SIGNER_UNAVAILABLE']);
    signer = await start();
    expect(await session.sign(1, [rule()])).to.have.length(1);
  });

  it('counts a day across kills: never one signature more', async () => {
    const LIMIT = 3000;
    const limits = join(folder, 'limits.json');
    const permits = [{ name: 'all', perDay: LIMIT }];
    await writeFile(limits, JSON.stringify({ version: 1, permits }));
    await signer.kill();
    let given = 0;
    for (let kill = 0; kill < 3; kill += 1) {
      signer = await start({ SIGNER_LIMITS: limits });
      const work = async () => {
        for (;;) {
          const { length } = await session.sign(1, [licence(1), licence(2), licence(3)]);
          given += length;
        }
      };
      const codes = Promise.all([work(), work()].map(codeOf));
      const enough = 600 * (kill + 1);
      while (given < enough) await new Promise((resolve) => setTimeout(resolve, 5));
      await signer.kill('SIGKILL');
      expect(await codes).to.include('SIGNER_UNAVAILABLE');
      expect(given).to.be.at.most(LIMIT);
    }
    signer = await start({ SIGNER_LIMITS: limits });
    for (;;) {
      const code = await codeOf(session.sign(1, [licence(1)]).then((s) => (given += s.length)));
      if (code !== undefined) {
        expect(code).to.equal('SIGNER_LIMIT');
        break;
      }
    }
    expect(given).to.be.at.most(LIMIT);
    // A block a kill, and what was signed and lost on the way to us.
    expect(given).to.be.at.least(LIMIT - 3 * (LIMIT / 100 + 6));
    await signer.kill();
    signer = await start();
  });

  it('is given up when it does not answer in time, with everything on that line', async () => {
    const deaf = join(folder, 'deaf.sock');
    const sockets = new Set<Socket>();
    const server = createServer((socket) => void sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(deaf, resolve));
    const waiting = await openRemoteKeyStore({
      address: { kind: 'socket', path: deaf },
      answerWithin: 200,
    });
    const other = await waiting.openSession();
    const codes = await Promise.all([codeOf(other.listKeys()), codeOf(other.sign(1, [rule()]))]);
    expect(codes).to.deep.equal(['SIGNER_UNAVAILABLE', 'SIGNER_UNAVAILABLE']);
    expect(waiting.troubles()).to.deep.equal(['SIGNER_UNAVAILABLE']);
    await waiting.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it('is not started without its settings, nor twice on one folder', async () => {
    const failure = async (settings: Record<string, string>) => {
      const outcome: unknown = await start(settings).catch((error: unknown) => error);
      return outcome instanceof Error ? outcome.message : 'started';
    };
    expect(await failure({})).to.include('DATA_DIR_LOCKED');
    const message = await failure({ SIGNER_KEYS: '', SIGNER_SOCKET: '127.0.0.1:0' });
    expect(message).to.include('with 2').and.include('SIGNER_KEYS').and.include('SIGNER_TLS_CERT');
    expect(await session.sign(1, [rule()])).to.have.length(1);
  });

  it('speaks TCP to who has a certificate of its root, and to nobody else', async () => {
    const [root, stranger] = [await createTlsRoot(), await createTlsRoot()];
    const [server, client, foreign] = await Promise.all([
      root.issue('signer'),
      root.issue('gateway'),
      stranger.issue('gateway'),
    ]);
    const write = async (name: string, content: string) => {
      await writeFile(join(folder, name), content, { mode: 0o600 });
      return join(folder, name);
    };
    const tcp = await start({
      SIGNER_KEYS: join(folder, 'tcp-keys'),
      SIGNER_SOCKET: '127.0.0.1:0',
      SIGNER_TLS_CERT: await write('server.pem', server.certificate),
      SIGNER_TLS_KEY: await write('server.key', server.key),
      SIGNER_TLS_CA: await write('root.pem', root.certificate),
    });
    const at = (pair: typeof client, authorityPem = root.certificate): SignerAddress => ({
      ...{ kind: 'tcp', host: '127.0.0.1', port: tcp.port },
      tls: { certificatePem: pair.certificate, keyPem: pair.key, authorityPem },
    });
    const codeAt = async (place: SignerAddress) => {
      const remote = await openRemoteKeyStore({ address: place });
      const code = await codeOf((await remote.openSession()).generateKey(GUANGDONG));
      await remote.close();
      return code;
    };
    expect(await codeAt(at(client))).to.equal(undefined);
    expect(await codeAt(at(foreign))).to.equal('SIGNER_UNAVAILABLE');
    expect(await codeAt(at(client, stranger.certificate))).to.equal('SIGNER_UNAVAILABLE');
    expect(await codeAt({ kind: 'socket', path: join(folder, 'nobody') })).to.equal(
      'SIGNER_UNAVAILABLE',
    );
    expect(openedEvent(at(client))).to.equal('secureConnect');
    const plain = connect(tcp.port, '127.0.0.1');
    plain.write(encodeFrame(encodeCbor([1, 'open', 1])));
    const got = Buffer.from(await answerOf(plain)).toString('latin1');
    expect(got.includes('\u0083\u0001\u0000')).to.equal(false);
    const known = connectTo(at(client));
    known.once('secureConnect', () => known.write(encodeFrame(encodeCbor([1, 'open', 1]))));
    const opened = await answerOf(known, (got) => got.length >= 8);
    expect(Buffer.from(opened).toString('hex')).to.equal('0000000483010001');
    await tcp.kill();
  });
});

/** Everything until the other side ends it, or all that is waited for is there. */
async function answerOf(
  socket: Socket,
  isAll: (got: string) => boolean = () => false,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  socket.on('data', (part: Buffer) => {
    parts.push(part);
    if (isAll(Buffer.from(concat(...parts)).toString('latin1'))) socket.destroy();
  });
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('close', resolve));
  return concat(...parts);
}
