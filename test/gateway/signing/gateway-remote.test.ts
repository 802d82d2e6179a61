// SPDX-License-Identifier: Apache-2.0
// A gateway process whose keys a signer process has: it issues, waits while the signer is away, and its memory, read byte
// by byte, has no key; the same search finds the key where it is.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { sm2 } from '@zhenglian/guomi';
import { toHex, utf8 } from '@zhenglian/core/bytes';
import { tokenDigest } from '../../../gateway/src/tokens.ts';
import { TOKENS } from '../call-app.ts';
import { eventually, freshDriver, GUANGDONG, startProvinces, TYPES } from '../support.ts';
import type { TestProvinces } from '../support.ts';
import { findInMemory } from './process-memory.ts';
import { startSigner } from './signer-process.ts';
import type { SignerProcess } from './signer-process.ts';
import { programArguments } from '../../../network/own-program.ts';

const MAIN = fileURLToPath(new URL('../../../gateway/src/main.ts', import.meta.url));

describe('gateway: keys in another process', function () {
  this.timeout(600_000);
  let provinces: TestProvinces;
  let folder: string;
  let signer: SignerProcess | undefined;
  let gateway: { readonly child: ChildProcess; readonly url: string } | undefined;

  const keySettings = () => ({
    SIGNER_KEYS: join(folder, 'signer', 'keys'),
    SIGNER_PASSPHRASE_FILE: join(folder, 'passphrase'),
  });
  const socket = () => ({ SIGNER_SOCKET: join(folder, 'signer.sock') });

  before(async () => {
    provinces = await startProvinces();
    folder = await mkdtemp(join(tmpdir(), 'zhenglian-remote-'));
    const identity = await provinces.network.identity('P44', 'gateway');
    const files = {
      'certificate.pem': identity.certificatePem,
      'key.pem': identity.keyPem,
      'authorities.json': JSON.stringify([{ uscc: GUANGDONG, types: TYPES }]),
      'tokens.json': JSON.stringify({ officer: [tokenDigest(TOKENS.officer)] }),
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    signer = await startSigner({ ...keySettings(), ...socket() });
    gateway = await start({ SIGNER: 'remote', ...socket() });
  });
  after(async () => {
    await stop();
    await signer?.kill();
    await provinces.close();
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (settings: Readonly<Record<string, string>>) => {
    const child = spawn(process.execPath, programArguments(MAIN), {
      env: {
        PATH: process.env['PATH'],
        ...{ MSP: 'P44', NAME: 'P44', PORT: '0', LOG_LEVEL: 'silent' },
        DATA_DIR: join(folder, 'data'),
        LEDGER_URL: provinces.network.url,
        IDENTITY_DIR: folder,
        AUTHORITIES: join(folder, 'authorities.json'),
        NETWORK_ID: provinces.network.fingerprint,
        TOKENS: join(folder, 'tokens.json'),
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const port = await new Promise<number>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const found = /^\{"port":(\d+)\}$/.exec(line)?.[1];
        if (found !== undefined) resolve(Number(found));
      });
      child.once('exit', () => reject(new Error('the gateway ended')));
    });
    return { child, url: `http://127.0.0.1:${String(port)}` };
  };
  const stop = async () => {
    const child = gateway?.child;
    gateway = undefined;
    if (child === undefined) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  };
  const call = async (path: string, body?: unknown) => {
    const answer = await fetch(`${gateway?.url ?? ''}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        Authorization: `Bearer ${TOKENS.officer}`,
        'Purpose-Code': 'audit',
        'Content-Type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    return { status: answer.status, body: (await answer.json()) as any };
  };
  /** Until it is accepted: while no key can sign, a request may be answered 503. */
  const accept = async (): Promise<string> => {
    const fields = freshDriver();
    let id = '';
    await eventually(async () => {
      const { status, body } = await call('/v1/licences', { type: 'driving', fields });
      if (status !== 202) expect([status, body.code]).to.deep.equal([503, 'SIGNER_UNAVAILABLE']);
      expect(status).to.equal(202);
      id = body.id as string;
    }, 120_000);
    return id;
  };
  const anchored = (id: string) =>
    eventually(async () => {
      const { body } = await call(`/v1/licences/${id}`);
      expect(body.copies[0]?.state ?? body.state).to.not.equal('queued');
      expect(body.state).to.equal('valid');
    }, 120_000);
  const issue = async () => {
    const id = await accept();
    await anchored(id);
  };
  const secrets = async () => {
    const files = (await readdir(keySettings().SIGNER_KEYS)).filter((name) =>
      name.endsWith('.pem'),
    );
    expect(files).to.not.deep.equal([]);
    const word = (await readFile(keySettings().SIGNER_PASSPHRASE_FILE, 'utf8')).trim();
    const wanted: Record<string, Uint8Array> = { 'the passphrase': utf8(word) };
    for (const name of files) {
      const text = await readFile(join(keySettings().SIGNER_KEYS, name), 'utf8');
      const der = Buffer.from(/KEY-----\n([^-]+)-----END/.exec(text)?.[1] ?? '', 'base64');
      const { secretKey } = sm2.decryptPkcs8(new Uint8Array(der), utf8(word));
      wanted[`the key ${name}`] = secretKey;
      wanted[`the other way round ${name}`] = Uint8Array.from(secretKey).reverse();
      wanted[`in hex ${name}`] = utf8(toHex(secretKey));
    }
    return {
      ...wanted,
      // Something that any gateway has: the search reads what it should.
      'its network': utf8(provinces.network.fingerprint),
    };
  };

  it('issues, and none of its memory holds the key or the passphrase', async () => {
    await issue();
    const wanted = await secrets();
    const inGateway = await findInMemory(gateway?.child.pid ?? 0, wanted);
    expect(inGateway.bytesRead).to.be.greaterThan(20 << 20);
    expect(inGateway.found['its network']).to.be.greaterThan(0);
    for (const name of Object.keys(wanted).filter((each) => each !== 'its network')) {
      expect(inGateway.found[name], name).to.equal(0);
    }
    const inSigner = await findInMemory(signer?.pid ?? 0, wanted);
    expect(keysIn(inSigner.found)).to.be.greaterThan(0);
  });

  it('waits while the signer is away, says so, and goes on without a word', async () => {
    await signer?.kill('SIGKILL');
    await eventually(async () => {
      const { status, body } = await call('/readyz');
      expect([status, body.ready]).to.deep.equal([503, false]);
      expect(body.reasons).to.include('SIGNER_UNAVAILABLE');
    });
    const accepted = accept();
    await new Promise((resolve) => setTimeout(resolve, 500));
    signer = await startSigner({ ...keySettings(), ...socket() });
    await anchored(await accepted);
    await eventually(async () => {
      expect((await call('/readyz')).status).to.equal(200);
    });
  });

  it('goes on with the same key where the files are its own, and then its memory has it', async () => {
    await stop();
    await signer?.kill();
    signer = undefined;
    gateway = await start(keySettings());
    await issue();
    const { found } = await findInMemory(gateway.child.pid ?? 0, await secrets());
    expect(keysIn(found)).to.be.greaterThan(0);
  });
});

function keysIn(found: Readonly<Record<string, number>>): number {
  const keys = Object.entries(found).filter(([name]) => name.startsWith('the key '));
  return keys.reduce((sum, [, count]) => sum + count, 0);
}
