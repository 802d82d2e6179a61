// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import request from 'supertest';
import { BLOCK_BYTES } from '../../../gateway/src/uploads/read-upload.ts';
import { appendUpload, newUpload } from '../../../gateway/src/uploads/append-upload.ts';
import { forgetOldUploads } from '../../../gateway/src/uploads/remove-upload.ts';
import { loadUpload, storeUpload } from '../../../gateway/src/uploads/upload-record.ts';
import { xlsxOf } from '../../support/xlsx-file.ts';
import { TOKENS } from '../call-app.ts';
import { openTestGateway, startProvinces } from '../support.ts';
import type { TestGateway, TestProvinces } from '../support.ts';
import { csvOf, peopleOf, send, untilState } from './people-file.ts';
import { inPieces } from './pieces.ts';

const PART = 'application/offset+octet-stream';
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const take = peopleOf('uploads', 200);

describe('gateway: uploads', function () {
  this.timeout(300_000);
  let provinces: TestProvinces;
  let under: TestGateway;

  before(async () => {
    provinces = await startProvinces();
    under = await openTestGateway(provinces, { importMaxBytes: 3 << 20 });
  });
  after(async () => {
    await under.stop();
    await provinces.close();
  });

  const announce = async (bytes: Uint8Array, sha256 = sha256Of(bytes)) => {
    const { status, body } = await under.call('post', '/v1/uploads', {
      body: { bytes: bytes.length, sha256 },
    });
    expect(status).to.equal(201);
    return body.id as string;
  };
  const append = (id: string, offset: number, bytes: Uint8Array) =>
    request(under.gateway.app)
      .patch(`/v1/uploads/${id}`)
      .set({ Authorization: `Bearer ${TOKENS.officer}`, 'Upload-Offset': String(offset) })
      .type(PART)
      .send(Buffer.from(bytes));
  const head = (id: string) =>
    request(under.gateway.app)
      .head(`/v1/uploads/${id}`)
      .set('Authorization', `Bearer ${TOKENS.officer}`);
  const importIt = (id: string, body: object) =>
    under.call('post', `/v1/uploads/${id}/import`, { body: { type: 'resident-id', ...body } });

  it('goes on where the line broke and after a restart, and imports the whole', async () => {
    const file = Buffer.from(csvOf(take(40)));
    const id = await announce(file);
    expect((await append(id, 0, file.subarray(0, 1000))).headers['upload-offset']).to.equal('1000');
    const { dataDir } = under.config;
    await under.stop({ keep: true });
    under = await openTestGateway(provinces, { dataDir, importMaxBytes: 3 << 20 });
    const there = await head(id);
    expect([there.status, there.headers['upload-offset']]).to.deep.equal([200, '1000']);
    const early = await importIt(id, { format: 'csv' });
    expect([early.status, early.body.code]).to.deep.equal([409, 'UPLOAD_INCOMPLETE']);
    const rest = await append(id, 1000, file.subarray(1000));
    expect([rest.status, rest.headers['upload-offset']]).to.deep.equal([204, String(file.length)]);
    const { status, body } = await importIt(id, { format: 'csv' });
    expect(status).to.equal(202);
    const done = await untilState(under, body.id, 'done');
    expect([done.total, done.accepted, done.anchored]).to.deep.equal([40, 40, 40]);
    expect(await keysLeft(under)).to.deep.equal([]);
    expect((await importIt(id, { format: 'csv' })).body.code).to.equal('UPLOAD_UNKNOWN');
  });

  it('refuses a part that does not follow, one too many, and a wrong whole', async () => {
    const file = Buffer.from('name\n1\n');
    const id = await announce(file);
    const gap = await append(id, 3, file);
    expect([gap.status, gap.body.code]).to.deep.equal([409, 'UPLOAD_OFFSET']);
    const more = await append(id, 0, Buffer.concat([file, file]));
    expect([more.status, more.body.code]).to.deep.equal([413, 'BODY_TOO_LARGE']);
    const other = await append(id, 0, Buffer.from('name\n2\n'));
    expect([other.status, other.body.code]).to.deep.equal([400, 'UPLOAD_DIGEST']);
    expect((await head(id)).headers['upload-offset']).to.equal('0');
    expect((await append(id, 0, file)).status).to.equal(204);
    const none = await request(under.gateway.app)
      .patch(`/v1/uploads/${id}`)
      .set('Authorization', `Bearer ${TOKENS.officer}`)
      .type(PART)
      .send(file);
    expect(none.body.code).to.equal('UPLOAD_OFFSET');
    const wrongMedia = await under.call('patch', `/v1/uploads/${id}`, {
      raw: { type: 'text/csv', bytes: 'x' },
      headers: { 'Upload-Offset': '0' },
    });
    expect(wrongMedia.body.code).to.equal('MEDIA_TYPE');
    const large = await under.call('post', '/v1/uploads', { body: { bytes: 4 << 20 } });
    expect([large.status, large.body.code]).to.deep.equal([413, 'IMPORT_TOO_LARGE']);
    expect((await under.call('delete', `/v1/uploads/${id}`)).status).to.equal(204);
    expect((await under.call('get', `/v1/uploads/${id}`)).body.code).to.equal('UPLOAD_UNKNOWN');
  });

  it('shows a file to nobody but who sends it', async () => {
    const id = await announce(Buffer.from('x'));
    const other = await under.call('get', `/v1/uploads/${id}`, { as: 'machine' });
    expect([other.status, other.body.code]).to.deep.equal([404, 'UPLOAD_UNKNOWN']);
  });

  it('keeps each byte where it belongs however a file is cut, killed and resumed', async () => {
    const { context } = under.gateway;
    const sizes = fc.array(fc.integer({ min: 30_001, max: BLOCK_BYTES * 2 }), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: BLOCK_BYTES * 3 }), sizes, async (bytes, cuts) => {
        const file = Buffer.alloc(bytes, 'zhenglian');
        const actor = 'officer-1';
        const begun = newUpload(context, { actor, bytes, digest: sha256Of(file) });
        await context.store.write([storeUpload(begun)]);
        let offset = 0;
        for (let n = 0; offset < bytes; n += 1) {
          const part = file.subarray(offset, offset + (cuts[n % cuts.length] ?? 1));
          const body = n % 2 === 0 ? inPieces(part, [1 << 16]) : breaking(part);
          await appendUpload(context, { id: begun.id, actor, offset, body }).catch(() => undefined);
          offset = (await loadUpload(context.store, begun.id)).offset;
        }
        expect(offset).to.equal(bytes);
      }),
      { numRuns: 15 },
    );
  });

  it('lets one of two go on who send at once', async () => {
    const file = Buffer.alloc(BLOCK_BYTES * 2 + 5, 'a');
    const id = await announce(file);
    const both = await Promise.all([append(id, 0, file), append(id, 0, file)]);
    expect(both.map(({ status }) => status).sort()).to.deep.equal([204, 409]);
    const { body } = await under.call('get', `/v1/uploads/${id}`);
    expect([body.complete, body.offset]).to.deep.equal([true, file.length]);
  });

  it('forgets a file that nobody went on with for a day', async () => {
    const id = await announce(Buffer.from('abc'));
    await append(id, 0, Buffer.from('ab'));
    const { context } = under.gateway;
    await forgetOldUploads(context);
    expect((await head(id)).status).to.equal(200);
    await forgetOldUploads({ ...context, clock: () => context.clock() + 86_402 });
    expect((await head(id)).status).to.equal(404);
    expect(await keysLeft(under)).to.deep.equal([]);
  });

  it('imports a workbook, in one request and in parts', async () => {
    const [header, ...rows] = csvOf(take(6))
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));
    const book = (some: readonly (readonly string[])[]) => xlsxOf([header ?? [], ...some]);
    const whole = await send(under, book(rows.slice(0, 3)), '', XLSX);
    expect(whole.status).to.equal(202);
    expect((await untilState(under, whole.body.id, 'done')).accepted).to.equal(3);
    const file = book(rows.slice(3));
    const id = await announce(file);
    await append(id, 0, file);
    const { body } = await importIt(id, { format: 'xlsx' });
    expect((await untilState(under, body.id, 'done')).accepted).to.equal(3);
    const wrong = await send(under, 'no workbook', '', XLSX);
    expect([wrong.status, wrong.body.code]).to.deep.equal([400, 'IMPORT_MALFORMED']);
    expect(await keysLeft(under)).to.deep.equal([]);
  });

  it('ends an import whose file turns out to be unreadable', async () => {
    const text = csvOf(take(1)) + 'a,1,01,b,c,d,e,f\n'.repeat(20_000);
    const file = Buffer.concat([Buffer.from(text), Uint8Array.of(0xff, 0xff)]);
    const id = await announce(file);
    await append(id, 0, file);
    const { body } = await importIt(id, { format: 'csv', charset: 'utf-8' });
    const failed = await untilState(under, body.id, 'failed');
    expect([failed.failure, failed.accepted]).to.deep.equal(['IMPORT_ENCODING', 0]);
    expect(await keysLeft(under)).to.deep.equal([]);
  });
});

async function* breaking(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(bytes);
  throw new Error('the line broke');
}

/** Rows and blocks that should be gone; waits for the sweeping. */
async function keysLeft(under: TestGateway): Promise<readonly string[]> {
  const { store } = under.gateway.context;
  for (let tries = 0; ; tries += 1) {
    const keys: string[] = [];
    for (const prefix of ['import-rows/', 'import-receiving/', 'import-open/', 'import-seen/']) {
      for await (const { key } of store.range({ prefix })) keys.push(key);
    }
    const blocks = new Set<string>();
    for await (const { key } of store.range({ prefix: 'upload-block/' })) {
      const id = key.split('/')[1] ?? '';
      if ((await store.get(`upload/${id}`)) === undefined) blocks.add(key);
    }
    if ((keys.length === 0 && blocks.size === 0) || tries > 100) return [...keys, ...blocks];
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
