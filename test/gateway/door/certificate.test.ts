// SPDX-License-Identifier: Apache-2.0
// The certificate of a running server, from files that change.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { readTls } from '../../../gateway/src/config/door.ts';
import { DOOR_SETTINGS } from '../../../gateway/src/config/door.ts';
import { readerOf } from '../../../gateway/src/config/reading.ts';
import { createTlsRoot } from '../../support/tls-certificates.ts';
import type { TlsRoot } from '../../support/tls-certificates.ts';
import { eventually } from '../support.ts';
import { startDoor } from './raw-http.ts';
import type { Running } from './raw-http.ts';

describe('gateway, the door: certificate', function () {
  this.timeout(60_000);
  let root: TlsRoot;
  let folder: string;
  let running: Running;

  const paths = () => ({ TLS_CERT: join(folder, 'cert.pem'), TLS_KEY: join(folder, 'key.pem') });
  const put = async (name: 'cert.pem' | 'key.pem', text: string) => {
    await writeFile(join(folder, name), text);
  };
  const read = (env: Record<string, string>) => {
    const problems: string[] = [];
    const tls = readTls(env, readerOf(DOOR_SETTINGS, env, problems), problems);
    return { tls, problems };
  };
  const dial = (options: object = {}) =>
    new Promise<TLSSocket>((resolve, reject) => {
      const socket = connect(
        { port: running.port, host: '127.0.0.1', ca: root.certificate, ...options },
        () => resolve(socket),
      );
      socket.once('error', reject);
    });
  const servedName = async () => {
    const socket = await dial();
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return subject.CN;
  };
  const ask = (socket: TLSSocket) =>
    new Promise<string>((resolve) => {
      socket.once('data', (chunk: Buffer) => resolve(chunk.toString()));
      socket.write('GET / HTTP/1.1\r\nHost: gateway\r\n\r\n');
    });
  const events = (name: string) => running.logs.filter((line) => line.includes(`"${name}"`));

  before(async () => {
    root = await createTlsRoot();
    folder = await mkdtemp(join(tmpdir(), 'zhenglian-tls-'));
    const first = await root.issue('first');
    await put('cert.pem', first.certificate);
    await put('key.pem', first.key);
    const { tls } = read(paths());
    running = await startDoor({ ...(tls && { tls }), times: { certificate: 30 } });
  });
  after(async () => {
    await running.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('changes with its files, and open connections stay', async () => {
    const open = await dial();
    expect(await ask(open)).to.include(' 200 ');
    expect(await servedName()).to.equal('first');
    const second = await root.issue('second');
    await put('cert.pem', second.certificate);
    await put('key.pem', second.key);
    await eventually(async () => expect(await servedName()).to.equal('second') as never);
    expect(await ask(open)).to.include(' 200 ');
    open.destroy();
    expect(events('certificate-changed')).to.have.length(1);
  });

  it('stays when a new pair does not hold, with a line for each', async () => {
    const third = await root.issue('third');
    const wrong = [
      ['key.pem', third.key],
      ['key.pem', 'no key'],
      ['cert.pem', 'no certificate'],
    ] as const;
    for (const [name, text] of wrong) {
      const before = events('certificate-refused').length;
      await put(name, text);
      await eventually(() => {
        expect(events('certificate-refused').length).to.be.greaterThan(before);
        return Promise.resolve();
      });
      expect(await servedName()).to.equal('second');
    }
    await rm(join(folder, 'cert.pem'));
    await eventually(() => {
      expect(events('certificate-refused').length).to.be.greaterThan(3);
      return Promise.resolve();
    });
    await put('key.pem', third.key);
    await put('cert.pem', third.certificate);
    await eventually(async () => expect(await servedName()).to.equal('third') as never);
    expect(running.logs.join()).to.not.include('PRIVATE KEY');
  });

  it('is not of TLS 1.1 or older', async () => {
    const old = dial({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' });
    expect(await old.then(() => 'connected').catch(() => 'refused')).to.equal('refused');
  });

  it('is wrong at the start when key and certificate are no pair', async () => {
    await put('key.pem', (await root.issue('other')).key);
    expect(read(paths())).to.deep.equal({
      tls: undefined,
      problems: [`TLS_KEY is wrong: ${DOOR_SETTINGS.TLS_KEY}`],
    });
  });
});
