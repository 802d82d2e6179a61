// SPDX-License-Identifier: Apache-2.0
// The gateway as a real process: killed in the middle of its work, started twice, on a full disk.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { provinceChaincode } from '@zhenglian/core/records/record-key';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { parseEpochEvidence } from '@zhenglian/core/records/epoch-evidence';
import { tokenDigest } from '../../gateway/src/tokens.ts';
import { encodeCsv, generatePeople } from '../../scripts/samples.ts';
import { checkAnswer, TOKENS } from './call-app.ts';
import { eventually, freshDriver, GUANGDONG, startProvinces, TYPES } from './support.ts';
import type { TestProvinces } from './support.ts';
import { programArguments } from '../../network/own-program.ts';

const MAIN = fileURLToPath(new URL('../../gateway/src/main.ts', import.meta.url));
const LINES = 1200;
const KILLS = 5;

describe('gateway: the process', function () {
  this.timeout(300_000);
  let provinces: TestProvinces;
  let folder: string;
  const children = new Set<ChildProcess>();

  before(async () => {
    provinces = await startProvinces();
    folder = await mkdtemp(join(tmpdir(), 'zhenglian-process-'));
    const identity = await provinces.network.identity('P44', 'gateway');
    await writeFile(join(folder, 'certificate.pem'), identity.certificatePem);
    await writeFile(join(folder, 'key.pem'), identity.keyPem);
    await writeFile(
      join(folder, 'authorities.json'),
      JSON.stringify([{ uscc: GUANGDONG, types: TYPES }]),
    );
    await writeFile(
      join(folder, 'tokens.json'),
      JSON.stringify({ officer: [tokenDigest(TOKENS.officer)] }),
    );
  });
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await provinces.close();
    await rm(folder, { recursive: true, force: true });
  });

  const environment = (changes: Record<string, string> = {}) => ({
    ...process.env,
    MSP: 'P44',
    NAME: 'P44',
    DATA_DIR: join(folder, 'data'),
    PORT: '0',
    LEDGER_URL: provinces.network.url,
    IDENTITY_DIR: folder,
    AUTHORITIES: join(folder, 'authorities.json'),
    NETWORK_ID: provinces.network.fingerprint,
    TOKENS: join(folder, 'tokens.json'),
    LOG_LEVEL: 'silent',
    ...changes,
  });

  /** Starts the process; with blocks, no file of it may grow beyond so many KiB. */
  const start = (changes: Record<string, string> = {}, kibibytes?: number) => {
    const command = [process.execPath, ...programArguments(MAIN)];
    const limit = kibibytes === undefined ? '' : `ulimit -f ${String(kibibytes)};`;
    const child = spawn('bash', ['-c', `${limit} exec "$@"`, 'bash', ...command], {
      env: environment(changes),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    let errors = '';
    child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const port = new Promise<number>((resolve, reject) => {
      let text = '';
      child.stdout.on('data', (bytes: Buffer) => {
        text += bytes.toString();
        const found = /\{"port":(\d+)\}/.exec(text)?.[1];
        if (found !== undefined) resolve(Number(found));
      });
      child.once('exit', () => reject(new Error(`ended: ${errors}`)));
    });
    port.catch(() => undefined);
    return {
      ended,
      port,
      errors: () => errors,
      async kill() {
        child.kill('SIGKILL');
        await ended;
      },
      async end() {
        child.kill('SIGTERM');
        return ended;
      },
    };
  };

  const call = async (
    port: number,
    method: 'get' | 'post',
    path: string,
    init: RequestInit = {},
  ) => {
    const answer = await fetch(`http://127.0.0.1:${String(port)}${path}`, {
      method: method.toUpperCase(),
      ...init,
      headers: {
        Authorization: `Bearer ${TOKENS.officer}`,
        'Purpose-Code': 'audit',
        ...(init.headers as Record<string, string>),
      },
    });
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const body = (await answer.json()) as any;
    checkAnswer(method, path, answer.status, body);
    return { status: answer.status, body };
  };
  const postJson = (port: number, path: string, body: unknown) =>
    call(port, 'post', path, {
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json' },
    });

  it('loses nothing and doubles nothing when it is killed in an import', async () => {
    const people = generatePeople('killed', LINES);
    const header = 'name,sex,ethnicity,birthDate,address,idNumber,validFrom,validTo';
    let running = start();
    const { body } = await call(await running.port, 'post', '/v1/imports?type=resident-id', {
      body: encodeCsv(header, people),
      headers: { 'Content-Type': 'text/csv' },
    });
    const path = `/v1/imports/${body.id as string}`;
    let inTheMiddle = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      await new Promise((resolve) => setTimeout(resolve, 40 + kill * 220));
      await running.kill();
      running = start();
      const { status, body: progress } = await call(await running.port, 'get', path);
      expect(status).to.equal(200);
      if (progress.state === 'running') inTheMiddle += 1;
    }
    expect(inTheMiddle).to.be.greaterThan(1);
    const port = await running.port;
    await eventually(async () => {
      const { body: progress } = await call(port, 'get', path);
      expect(progress).to.include({ state: 'done', accepted: LINES, rejected: 0, anchored: LINES });
    }, 120_000);

    const places = new Set<string>();
    for (const { idNumber } of people.filter((_, i) => i % 20 === 0)) {
      const found = await postJson(port, '/v1/licences/search', {
        type: 'resident-id',
        subject: idNumber,
      });
      expect(found.body.licences).to.have.length(1);
      const licence = await call(
        port,
        'get',
        `/v1/licences/${found.body.licences[0].id as string}`,
      );
      expect(licence.body.state).to.equal('valid');
      expect(licence.body.copies).to.have.length(1);
      places.add(`${licence.body.copies[0].epoch}/${licence.body.copies[0].index}`);
    }
    expect(places.size).to.equal(LINES / 20);
    expect(await coveredOnLedger()).to.equal(LINES);
    expect(await running.end()).to.equal(0);
  });

  const coveredOnLedger = async () => {
    const ledger = await provinces.connect('P44');
    const chaincode = provinceChaincode('P44');
    let sum = 0;
    for (let epoch = 0; ; epoch += 1) {
      const request = encodeCbor({ uscc: GUANGDONG, epoch });
      const bytes = await ledger
        .evaluate({ chaincode, name: 'EpochEvidence', request })
        .catch(() => undefined);
      if (bytes === undefined) return sum;
      const { batches, covered } = parseEpochEvidence(decodeCbor(bytes));
      let next = 0;
      for (const { first, count } of batches) {
        expect(first).to.equal(next);
        next += count;
      }
      expect(covered).to.equal(next);
      sum += covered;
    }
  };

  it('refuses a second start on its data, a port in use, and a place it cannot write', async () => {
    const first = start();
    await first.port;
    const second = start();
    expect(await second.ended).to.equal(1);
    expect(second.errors()).to.include('DATA_DIR_LOCKED');
    await first.end();

    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    const third = start({ PORT: port });
    expect(await third.ended).to.equal(1);
    expect(third.errors()).to.include('PORT_IN_USE');
    taken.close();

    const fourth = start({ DATA_DIR: join(folder, 'tokens.json', 'data') });
    expect(await fourth.ended).to.equal(1);
    expect(fourth.errors()).to.include('DATA_DIR_UNWRITABLE');
    const fifth = start({ NETWORK_ID: 'xyz', PORT: 'x' });
    expect(await fifth.ended).to.equal(2);
    expect(fifth.errors()).to.include('NETWORK_ID').and.to.include('PORT');
  });

  it('answers STORAGE_FULL on a full disk, lives, and still has what it accepted', async () => {
    const data = { DATA_DIR: join(folder, 'small') };
    const small = start(data, 1024);
    const port = await small.port;
    const accepted: string[] = [];
    const issue = () => {
      const fields = { ...freshDriver(), photo: 'x'.repeat(60_000) };
      return postJson(port, '/v1/licences', { type: 'driving', fields });
    };
    let refused: Awaited<ReturnType<typeof issue>> | undefined;
    for (let i = 0; i < 60 && refused === undefined; i += 1) {
      const answer = await issue();
      if (answer.status === 202) accepted.push(answer.body.id as string);
      else refused = answer;
    }
    expect([refused?.status, refused?.body.code]).to.deep.equal([507, 'STORAGE_FULL']);
    expect((await call(port, 'get', '/healthz')).status).to.equal(200);
    const { status, body } = await call(port, 'get', '/readyz');
    expect(status).to.equal(503);
    expect(body.reasons).to.include('STORAGE_FULL');
    await small.kill();

    const large = start(data);
    const again = await large.port;
    for (const id of accepted) {
      const { status } = await call(again, 'get', `/v1/licences/${id}?unmask=true`);
      expect(status).to.equal(200);
    }
    expect(accepted.length).to.be.greaterThan(2);
    await large.end();
  });
});
