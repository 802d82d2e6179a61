// SPDX-License-Identifier: Apache-2.0
// Bodies without an end, bodies that say they are huge, bombs and floods on the routes as they are: answered with a code
// or cut, nothing written, memory flat, and others answered meanwhile. SOAK=1 opens all 10,000 idle connections.
import { createHash } from 'node:crypto';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { Role } from '../../../gateway/src/accounts/principal.ts';
import { codesOf } from '../../../gateway/src/operation-codes.ts';
import { OPERATIONS } from '../../../gateway/src/schemas/operations.ts';
import { TOKENS } from '../call-app.ts';
import { openIdle, sendRaw, statusOf } from '../door/raw-http.ts';
import { issueDriving, openTestGateway, startProvinces } from '../support.ts';
import type { TestGateway, TestProvinces } from '../support.ts';
import { sendLong } from './long-request.ts';

const IDLE = process.env['SOAK'] === '1' ? 10_000 : 400;
const NOBODY = '0'.repeat(32);
const TEN_GB = 10_000_000_000;
const IMPORT_MAX = 4 << 20;
const FLAT_BYTES = 160 << 20;
const ZEROS = Buffer.alloc(50 << 20);
const BOMBS = {
  gzip: gzipSync(ZEROS),
  deflate: deflateSync(ZEROS),
  br: brotliCompressSync(ZEROS.subarray(0, 8 << 20)),
} as const;
const TOO_LARGE = /"code":"(BODY|IMPORT)_TOO_LARGE"/;

type Operation = (typeof OPERATIONS)[number];
const WITH_JSON = OPERATIONS.filter(({ body, form }) => body !== undefined && form !== true);
const WITH_BODY = OPERATIONS.filter(
  ({ body, streams }) => body !== undefined || streams !== undefined,
);
const HEADER =
  'name,sex,birthDate,nationality,address,licenceNo,firstIssuedOn,classes,validFrom,validTo,fileNo,hearingAid\n';
/** Beginnings of files whose next byte never ends them. */
const FILES = {
  'lines of a CSV': ['text/csv', HEADER, 'x,1,1990-01-01,,,,,,,,,\n'.repeat(4096)],
  'one line of a CSV': ['text/csv', HEADER, 'x'.repeat(1 << 16)],
  'one cell of a CSV': ['text/csv', `${HEADER}"`, 'x'.repeat(1 << 16)],
  'one line of JSON': ['application/x-ndjson', '{"name":"', 'x'.repeat(1 << 16)],
  'nested JSON': ['application/x-ndjson', '', '[{"a":'.repeat(1 << 13)],
  'a workbook': [
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'PK\u0003\u0004',
    'x'.repeat(1 << 16),
  ],
} as const;

describe('gateway, attacks: bodies', function () {
  this.timeout(600_000);
  let provinces: TestProvinces;
  let under: TestGateway;
  let port: number;
  before(async () => {
    provinces = await startProvinces();
    under = await openTestGateway(provinces, { importMaxBytes: IMPORT_MAX });
    ({ port } = await under.gateway.listen());
    await issueDriving(under);
  });
  after(async () => {
    await under.stop();
    await provinces.close();
  });

  const storeDigest = async () => {
    const hash = createHash('sha256');
    for await (const { key, value } of under.gateway.context.store.range({ prefix: '' })) {
      // Epochs are leased ahead in the background, whoever calls.
      if (!key.startsWith('lane')) hash.update(key).update(value);
    }
    return hash.digest('hex');
  };
  /** Attacks, and meanwhile somebody else asks; gives what the attack gave. */
  const withOthers = async <T>(attack: () => Promise<T>): Promise<T> => {
    const digest = await storeDigest();
    const before = process.memoryUsage().rss;
    let most = before;
    const over = new AbortController();
    const others = (async () => {
      for (let asked = 0; ; asked += 1) {
        const answer = await fetch(`http://127.0.0.1:${String(port)}/v1/network`);
        expect(answer.status, 'another request').to.equal(200);
        await answer.arrayBuffer();
        most = Math.max(most, process.memoryUsage().rss);
        if (over.signal.aborted) return asked;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    const given = await attack().finally(() => over.abort());
    await others;
    expect(most - before, 'memory').to.be.below(FLAT_BYTES);
    expect(await storeDigest(), 'the store').to.equal(digest);
    return given;
  };
  const expectRefused = (said: string, operation: Operation, what: string) => {
    expect(statusOf(said), `${what}: ${said.slice(0, 300)}`).to.be.within(400, 499);
    const code = /"code":"(\w+)"/.exec(said)?.[1];
    expect(codesOf(operation), what).to.include(code);
  };

  it('has routes to attack', () => {
    expect(WITH_JSON.length).to.be.greaterThan(20);
    expect(WITH_BODY.flatMap(({ streams = [] }) => streams)).to.have.length(4);
  });

  it('cuts JSON without an end on every route', async () => {
    await withOthers(() =>
      inGroups(WITH_JSON, async (operation) => {
        const header = headerOf(operation, 'application/json');
        const sent = { port, header, beginning: '["', piece: 'a'.repeat(1 << 16) };
        const { said, sentBytes } = await sendLong(sent);
        expectRefused(said, operation, operation.path);
        expect(said, operation.path).to.include('"code":"BODY_TOO_LARGE"');
        expect(sentBytes).to.be.below(64 << 20);
      }),
    );
  });

  it('ends the connection of who does not heed the answer', async () => {
    const [operation] = WITH_JSON;
    if (operation === undefined) throw new TypeError('no operation');
    const header = headerOf(operation, 'application/json');
    const { said } = await withOthers(() =>
      sendLong({ port, header, piece: 'a'.repeat(1 << 16), heedless: true }),
    );
    expect(said).to.include('"code":"BODY_TOO_LARGE"');
    expect(said.match(/HTTP\/1\.1 /g)).to.have.length(1);
  });

  it('refuses 10 GB before a byte of it, on every route', async () => {
    await withOthers(() =>
      inGroups(WITH_BODY, async (operation) => {
        for (const media of mediaOf(operation)) {
          const length = `Content-Length: ${String(TEN_GB)}\r\n\r\n`;
          const said = await sendRaw(port, headerOf(operation, media) + length, '\r\n\r\n');
          expectRefused(said, operation, `${operation.path} ${media}`);
        }
      }),
    );
    const bytes = { body: { bytes: TEN_GB } };
    expect((await under.call('post', '/v1/uploads', bytes)).body.code).to.equal('IMPORT_TOO_LARGE');
  });

  for (const [what, [media, beginning, piece]] of Object.entries(FILES)) {
    it(`keeps nothing of a file without an end: ${what}`, async () => {
      const operation = OPERATIONS.find(({ path, streams }) => path === '/v1/imports' && streams);
      if (operation === undefined) throw new TypeError('no operation');
      const header = headerOf(operation, media, '?type=driving');
      const { said, sentBytes } = await withOthers(() =>
        sendLong({ port, header, beginning, piece }),
      );
      expectRefused(said, operation, what);
      expect(said).to.match(TOO_LARGE);
      expect(sentBytes).to.be.within(IMPORT_MAX, 64 << 20);
    });
  }

  it('takes no more of an upload than was announced', async () => {
    const operation = OPERATIONS.find(({ method }) => method === 'patch');
    if (operation === undefined) throw new TypeError('no operation');
    const before = await storeDigest();
    const { body: begun } = await under.call('post', '/v1/uploads', { body: { bytes: 1 << 20 } });
    const header = headerOf(operation, 'application/offset+octet-stream')
      .replace(NOBODY, begun.id as string)
      .replace('Host', 'Upload-Offset: 0\r\nHost');
    for (const length of [undefined, TEN_GB]) {
      const offset = async () =>
        (await under.call('get', `/v1/uploads/${begun.id as string}`)).body.offset as number;
      const at = header.replace('Upload-Offset: 0', `Upload-Offset: ${String(await offset())}`);
      const sized = length === undefined ? {} : { length };
      const { said } = await sendLong({ port, header: at, piece: 'x'.repeat(1 << 16), ...sized });
      expectRefused(said, operation, 'an upload');
      expect(said).to.match(TOO_LARGE);
      expect(await offset()).to.be.at.most(1 << 20);
    }
    await under.call('delete', `/v1/uploads/${begun.id as string}`);
    expect(await storeDigest(), 'the store').to.equal(before);
  });

  it('opens no bomb, on any route, for anybody', async () => {
    await withOthers(() =>
      inGroups(WITH_BODY, async (operation) => {
        for (const [encoding, bomb] of Object.entries(BOMBS)) {
          const fields = `Content-Encoding: ${encoding}\r\nContent-Length: ${String(bomb.length)}\r\n\r\n`;
          for (const media of mediaOf(operation)) {
            const header = headerOf(operation, media);
            const said = await sendRaw(port, header + fields + bomb.toString('latin1'), '\r\n\r\n');
            expect(statusOf(said), `${operation.path} ${encoding}`).to.equal(415);
          }
        }
      }),
    );
  });

  it('ends headers without an end, by bytes and by fields', async () => {
    const start = 'GET /v1/network HTTP/1.1\r\nHost: x\r\n';
    for (const [beginning, piece] of [
      ['X: ', 'a'.repeat(1 << 14)],
      ['', 'X-A: 1\r\n'.repeat(1 << 10)],
    ] as const) {
      const { said, sentBytes } = await withOthers(() => flood(port, start + beginning, piece));
      expect(statusOf(said)).to.equal(431);
      expect(said).to.include('"code":"HEADERS_TOO_LARGE"');
      expect(sentBytes).to.be.below(64 << 20);
    }
  });

  it(`issues beside ${String(IDLE)} idle connections`, async () => {
    const before = process.memoryUsage().rss;
    const idle: { destroy(): void }[] = [];
    for (let i = 0; i < IDLE; i += 50) {
      const local = `127.1.${String(1 + (i % 40))}.${String(1 + ((i / 50) % 200))}`;
      idle.push(...(await Promise.all(Array.from({ length: 50 }, () => openIdle(port, local)))));
    }
    for (let n = 0; n < 3; n += 1) await issueDriving(under);
    // Both ends of a connection are in this process.
    expect(process.memoryUsage().rss - before).to.be.below(FLAT_BYTES);
    for (const each of idle) each.destroy();
  });
});

/** A header of somebody who may call, without the field that tells the body's length. */
function headerOf({ method, path, access }: Operation, media: string, query = ''): string {
  const role: Role | undefined = access === 'open' ? undefined : access[0];
  const token = role === undefined ? '' : `Authorization: Bearer ${TOKENS[role]}\r\n`;
  const address = path.replace(':id', NOBODY) + query;
  return `${method.toUpperCase()} ${address} HTTP/1.1\r\nHost: x\r\nPurpose-Code: audit\r\nContent-Type: ${media}\r\n${token}`;
}

function mediaOf({ streams, form }: Operation): readonly string[] {
  if (streams !== undefined) return streams;
  return [form === true ? 'application/x-www-form-urlencoded' : 'application/json'];
}

/** Eight at a time. */
async function inGroups<T>(all: readonly T[], each: (one: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < all.length; at += 8) await Promise.all(all.slice(at, at + 8).map(each));
}

/** A header that goes on and on. */
async function flood(port: number, beginning: string, piece: string) {
  let sentBytes = 0;
  const socket = await openIdle(port);
  let said = '';
  socket.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')));
  const ended = new Promise((resolve) => socket.once('close', resolve));
  const pump = () => {
    while (!socket.destroyed && socket.write(piece)) sentBytes += piece.length;
  };
  socket.on('drain', pump);
  socket.write(beginning);
  pump();
  await ended;
  return { said, sentBytes };
}
