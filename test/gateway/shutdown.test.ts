// SPDX-License-Identifier: Apache-2.0
// A gateway that is told to end, as a real process: it leaves with code 0 however often it is told, whatever hangs and
// whoever holds a connection; what it answered with 2xx is there at the next start, and what it was at goes on.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { programArguments } from '../../network/own-program.ts';
import { tokenDigest } from '../../gateway/src/tokens.ts';
import { encodeCsv, generatePeople } from '../../scripts/samples.ts';
import { TOKENS } from './call-app.ts';
import { eventually, freshPerson, GUANGDONG, startProvinces, TYPES } from './support.ts';
import type { TestProvinces } from './support.ts';

const MAIN = fileURLToPath(new URL('../../gateway/src/main.ts', import.meta.url));
const HEADER = 'name,sex,ethnicity,birthDate,address,idNumber,validFrom,validTo';
const CLIENTS = 4;
const BEFORE_THE_SIGNAL = 12;
const LINES = 6000;
/** Milliseconds: a busy machine is slow, not wrong. */
const PATIENCE = 240_000;

describe('gateway: told to end', function () {
  this.timeout(600_000);
  let provinces: TestProvinces;
  let folder: string;
  const children = new Set<ChildProcess>();

  before(async () => {
    provinces = await startProvinces();
    folder = await mkdtemp(join(tmpdir(), 'zhenglian-shutdown-'));
    const identity = await provinces.network.identity('P44', 'gateway');
    const authorities = [{ uscc: GUANGDONG, types: TYPES }];
    const files = {
      'certificate.pem': identity.certificatePem,
      'key.pem': identity.keyPem,
      'authorities.json': JSON.stringify(authorities),
      'tokens.json': JSON.stringify({ officer: [tokenDigest(TOKENS.officer)] }),
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  });
  afterEach(() => provinces.network.process.kill('SIGCONT'));
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await provinces.close();
    await rm(folder, { recursive: true, force: true });
  });

  const launch = (name: string) => {
    const child = spawn(process.execPath, programArguments(MAIN), {
      env: {
        ...process.env,
        ...{ MSP: 'P44', NAME: 'P44', PORT: '0', ADMIN_PORT: '0', LOG_LEVEL: 'info' },
        DATA_DIR: join(folder, name),
        LEDGER_URL: provinces.network.url,
        IDENTITY_DIR: folder,
        AUTHORITIES: join(folder, 'authorities.json'),
        NETWORK_ID: provinces.network.fingerprint,
        TOKENS: join(folder, 'tokens.json'),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.add(child);
    const lines: Record<string, unknown>[] = [];
    let text = '';
    child.stdout.on('data', (part: Buffer) => {
      const parts = (text + part.toString()).split('\n');
      text = parts.pop() ?? '';
      lines.push(...parts.map((line) => JSON.parse(line) as Record<string, unknown>));
    });
    const ended = once(child, 'close').then(([code]) => code as number | null);
    const line = async (msg: string) => {
      for (;;) {
        const found = lines.find((each) => each['msg'] === msg);
        if (found !== undefined) return found;
        if (child.exitCode !== null) throw new Error(`it ended without "${msg}"`);
        await pause(20);
      }
    };
    const linesOf = (msg: string) => lines.filter((each) => each['msg'] === msg);
    return { child, ended, line, linesOf };
  };

  const start = async (name: string) => {
    const running = launch(name);
    const { port, adminPort } = await running.line('serving');
    const url = (at: unknown) => `http://127.0.0.1:${String(at)}`;
    await eventually(async () => {
      expect((await fetch(`${url(adminPort)}/readyz`)).status).to.equal(200);
    }, PATIENCE);
    const call = async (path: string, init: RequestInit = {}) => {
      const headers = {
        Authorization: `Bearer ${TOKENS.officer}`,
        'Purpose-Code': 'audit',
        ...(init.headers as Record<string, string>),
      };
      const answer = await fetch(url(port) + path, { ...init, headers });
      // eslint-disable-next-line @typescript-eslint/no-explicit-any
      return { status: answer.status, body: (await answer.json()) as any };
    };
    return { ...running, port: Number(port), call, url: url(port), admin: url(adminPort) };
  };
  type Running = Awaited<ReturnType<typeof start>>;

  const issue = (running: Running) =>
    running.call('/v1/licences', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ type: 'resident-id', fields: freshPerson() }),
    });

  /** Issues until the gateway is not to be reached any more. */
  const keepIssuing = async (running: Running, accepted: Set<string>) => {
    for (;;) {
      try {
        const { status, body } = await issue(running);
        expect(status).to.equal(202);
        accepted.add(body.id as string);
      } catch (error) {
        if (error instanceof TypeError) return; // refused, or its connection was ended
        throw error;
      }
    }
  };

  const areValid = (running: Running, ids: Iterable<string>) =>
    eventually(async () => {
      for (const id of ids) {
        const { status, body } = await running.call(`/v1/licences/${id}`);
        expect([status, body.state]).to.deep.equal([200, 'valid']);
      }
    }, PATIENCE);

  const endsAt = async (running: Pick<Running, 'child' | 'ended'>, signal: NodeJS.Signals) => {
    running.child.kill(signal);
    expect(await running.ended).to.equal(0);
  };

  it('under load: has what it answered with 2xx, ends once, minds no second signal', async () => {
    const running = await start('load');
    const accepted = new Set<string>();
    const clients = Array.from({ length: CLIENTS }, () => keepIssuing(running, accepted));
    await eventually(() => {
      expect(accepted.size).to.be.greaterThan(BEFORE_THE_SIGNAL);
      return Promise.resolve();
    }, PATIENCE);
    running.child.kill('SIGTERM');
    await running.line('draining');
    running.child.kill('SIGTERM');
    running.child.kill('SIGINT');
    await Promise.all(clients);
    expect(await running.ended).to.equal(0);
    expect(running.linesOf('draining')).to.have.length(1);
    expect(running.linesOf('ended')).to.have.length(1);
    expect(running.linesOf('parked')).to.deep.equal([]);

    const again = await start('load');
    await areValid(again, accepted);
    await endsAt(again, 'SIGINT');
  });

  it('ends connections that nobody uses, and cuts a request that does not come to its end', async () => {
    const running = await start('held');
    const hold = async (text: string, answer?: string) => {
      const socket = connect(running.port, '127.0.0.1');
      socket.on('error', () => undefined);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      await once(socket, 'connect');
      socket.write(text);
      if (answer !== undefined) expect(String(await once(socket, 'data'))).to.include(answer);
      socket.resume();
      return { closed };
    };
    const host = 'Host: gateway\r\n';
    const token = `Authorization: Bearer ${TOKENS.officer}\r\n`;
    const body = 'Content-Type: text/csv\r\nContent-Length: 1000000\r\n\r\nname';
    const held = [
      await hold(''),
      await hold(`GET /healthz HTTP/1.1\r\n${host}`),
      await hold(`GET /healthz HTTP/1.1\r\n${host}\r\n`, '200 OK'),
      await hold(`POST /v1/imports?type=resident-id HTTP/1.1\r\n${host}${token}${body}`),
    ];
    await eventually(async () => {
      const metrics = await (await fetch(`${running.admin}/metrics`)).text();
      expect(metrics).to.match(/^zhenglian_http_requests_in_flight 1$/m);
    }, PATIENCE);
    running.child.kill('SIGTERM');
    await running.line('draining');
    const says = async () => {
      const answer = await fetch(`${running.admin}/readyz`);
      return [answer.status, ((await answer.json()) as { reasons: string[] }).reasons];
    };
    const [status, reasons] = await says();
    expect(status).to.equal(503);
    expect(reasons).to.include('DRAINING');
    await Promise.all(held.map(({ closed }) => closed));
    expect(await running.ended).to.equal(0);
  });

  it('parks a running import, which goes on at the next start, and ends its events cleanly', async () => {
    const running = await start('import');
    const people = generatePeople('ended', LINES);
    const { status, body } = await running.call('/v1/imports?type=resident-id', {
      method: 'POST',
      body: encodeCsv(HEADER, people),
      headers: { 'Content-Type': 'text/csv' },
    });
    expect(status).to.equal(202);
    const path = `/v1/imports/${body.id as string}`;
    const events = await fetch(`${running.url}${path}/events`, {
      headers: { Authorization: `Bearer ${TOKENS.officer}` },
    });
    let told = '';
    const decoder = new TextDecoder();
    for await (const part of events.body ?? []) {
      told += decoder.decode(part as Uint8Array, { stream: true });
      if (/"accepted":[1-9]/.test(told)) running.child.kill('SIGTERM');
    }
    expect(told)
      .to.match(/"accepted":[1-9]/)
      .and.match(/\n\n$/);
    expect(await running.ended).to.equal(0);

    const again = await start('import');
    await eventually(async () => {
      const progress = (await again.call(path)).body as object;
      expect(progress).to.include({ state: 'done', accepted: LINES, rejected: 0, anchored: LINES });
    }, PATIENCE);
    for (const { idNumber } of people.filter((_, i) => i % 500 === 0)) {
      const found = await again.call('/v1/licences/search', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ type: 'resident-id', subject: idNumber }),
      });
      expect(found.body.licences).to.have.length(1);
    }
    await endsAt(again, 'SIGTERM');
  });

  it('leaves although its ledger hangs, and goes on with the parked batch at the next start', async () => {
    const running = await start('hung');
    await issue(running);
    await running.line('batch anchored');
    provinces.network.process.kill('SIGSTOP');
    const parked = await issue(running);
    expect(parked.status).to.equal(202);
    await endsAt(running, 'SIGTERM');
    expect(running.linesOf('ended')).to.have.length(1);

    provinces.network.process.kill('SIGCONT');
    const again = await start('hung');
    await areValid(again, [parked.body.id as string]);
    await endsAt(again, 'SIGTERM');
  });

  it('leaves when it is told while it opens', async () => {
    provinces.network.process.kill('SIGSTOP');
    const opening = launch('opening');
    await opening.line('opening');
    await endsAt(opening, 'SIGTERM');
    expect(opening.linesOf('serving')).to.deep.equal([]);
  });
});
