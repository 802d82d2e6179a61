// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import { generatePeople } from '../../../scripts/samples.ts';
import { encodeCsv } from '../../../scripts/samples.ts';
import { eventually, openTestGateway, startProvinces } from '../support.ts';
import type { TestGateway, TestProvinces } from '../support.ts';

const HEADER = 'name,sex,ethnicity,birthDate,address,idNumber,validFrom,validTo';
const people = generatePeople('imports', 760);
let used = 0;
const take = (count: number) => people.slice(used, (used += count));
const csv = (rows: ReturnType<typeof take>) => encodeCsv(HEADER, rows);

describe('gateway: imports', function () {
  this.timeout(300_000);
  let provinces: TestProvinces;
  let under: TestGateway;

  before(async () => {
    provinces = await startProvinces();
    under = await openTestGateway(provinces);
  });
  after(async () => {
    await under.stop();
    await provinces.close();
  });

  const upload = (bytes: Uint8Array | string, type = 'text/csv', headers = {}) =>
    under.call('post', '/v1/imports?type=resident-id', { raw: { type, bytes }, headers });
  const finished = async (id: string) => {
    await eventually(async () => {
      const { body } = await under.call('get', `/v1/imports/${id}`);
      expect(body.state).to.equal('done');
    });
    return (await under.call('get', `/v1/imports/${id}`)).body;
  };

  it('issues every line of a good file', async () => {
    const { status, body } = await upload(csv(take(120)));
    expect(status).to.equal(202);
    const done = await finished(body.id);
    expect([done.total, done.accepted, done.rejected, done.anchored]).to.deep.equal([
      120, 120, 0, 120,
    ]);
  });

  it('reports wrong lines one by one and issues the rest', async () => {
    const [a, b, c, d] = take(4);
    expect(d).to.not.equal(undefined);
    if (a === undefined || b === undefined || c === undefined || d === undefined) return;
    const rows = [a, { ...b, idNumber: b.idNumber.replace(/.$/, flip) }, { ...c, sex: 'x' }, a, d];
    const text = `${csv(rows)}only,three,cells\n`;
    const done = await finished((await upload(text)).body.id);
    expect(done.errors).to.deep.equal([
      { line: 3, slot: 'idNumber', reason: 'check-digit' },
      { line: 4, slot: 'sex', reason: 'malformed' },
      { line: 5, reason: 'duplicate-line' },
      { line: 7, reason: 'columns' },
    ]);
    expect([done.accepted, done.rejected, done.anchored]).to.deep.equal([2, 4, 2]);
    const again = await finished((await upload(csv([a, d]))).body.id);
    expect(again.errors.map((e: { reason: string }) => e.reason)).to.deep.equal([
      'licence-exists',
      'licence-exists',
    ]);
  });

  it('reads a byte order mark and GB 18030, said or not', async () => {
    const [a, b, c] = [take(1), take(1), take(1)];
    const marked = await finished((await upload(`\ufeff${csv(a)}`)).body.id);
    const silent = await finished((await upload(gb18030(csv(b)))).body.id);
    const said = await finished(
      (await upload(gb18030(csv(c)), 'text/csv; charset=gb18030')).body.id,
    );
    expect([marked.accepted, silent.accepted, said.accepted]).to.deep.equal([1, 1, 1]);
    for (const [person] of [a, b, c]) {
      const found = await under.call('post', '/v1/licences/search', {
        body: { type: 'resident-id', subject: person?.idNumber },
        headers: { 'Purpose-Code': 'audit' },
      });
      const full = await under.call(
        'get',
        `/v1/licences/${found.body.licences[0].id}?unmask=true`,
        {
          headers: { 'Purpose-Code': 'audit' },
        },
      );
      expect(JSON.stringify(full.body)).to.include(person?.name);
    }
  });

  it('reads JSON lines', async () => {
    const rows = take(3);
    const lines = [...rows.map((row) => JSON.stringify(row)), '{"name":', '[1]', '{"name":1}', ''];
    const done = await finished((await upload(lines.join('\n'), 'application/x-ndjson')).body.id);
    expect(done.accepted).to.equal(3);
    expect(done.errors).to.deep.equal([
      { line: 4, reason: 'not-json' },
      { line: 5, reason: 'columns' },
      { line: 6, reason: 'columns' },
    ]);
  });

  it('pages through many errors', async () => {
    const rows = take(130).map((row) => ({ ...row, sex: 'x' }));
    const done = await finished((await upload(csv(rows))).body.id);
    expect(done.errors).to.have.length(100);
    const rest = await under.call('get', `/v1/imports/${done.id}?after=${done.next}`);
    expect(rest.body.errors).to.have.length(30);
    expect(rest.body.next).to.equal(undefined);
  });

  it('refuses wrong columns without repeating them', async () => {
    const [person] = take(1);
    const headless = csv(take(2)).split('\n').slice(1).join('\n');
    const refused = await upload(headless);
    expect([refused.status, refused.body.code]).to.deep.equal([400, 'IMPORT_COLUMNS']);
    expect(refused.body.problems).to.deep.include({ slot: 'idNumber', reason: 'missing' });
    expect(JSON.stringify(refused.body)).to.not.include(person?.name);
    expect((await upload('')).body.code).to.equal('IMPORT_COLUMNS');
    expect((await upload(`${HEADER},name\n`)).body.code).to.equal('IMPORT_COLUMNS');
  });

  it('names surplus columns beside known ones, but nothing of a file without a header', async () => {
    const [person] = take(1);
    const header = HEADER.replace('idNumber', 'idNo').replace('sex', '性别');
    const refused = await upload(`${header},name\n${Object.values(person ?? {}).join(',')}\n`);
    expect(refused.body.problems).to.deep.equal([
      { slot: 'sex', reason: 'missing' },
      { slot: 'idNumber', reason: 'missing' },
      { slot: 'idNo', reason: 'unknown' },
      { slot: '', reason: 'unknown', count: 1 },
      { slot: 'name', reason: 'twice' },
    ]);
    const headless = await upload('Zhang,1,01\nLi,2,01\n');
    expect(JSON.stringify(headless.body)).to.not.include('Zhang');
  });

  it('lists the licences of an import by line, a page at a time', async () => {
    const rows = take(30);
    const wrong = rows.map((row, i) => (i === 1 ? { ...row, sex: 'x' } : row));
    const { id } = await finished((await upload(csv(wrong))).body.id);
    const purpose = { headers: { 'Purpose-Code': 'issuance' } };
    const first = await under.call('get', `/v1/imports/${id}/licences`, purpose);
    expect(first.body.licences).to.have.length(25);
    expect(first.body.licences[0]).to.include({
      ...{ line: 2, type: 'resident-id', state: 'valid', version: 1 },
      name: rows[0]?.name,
    });
    expect(first.body.licences[1].line).to.equal(4);
    const next = `/v1/imports/${id}/licences?after=${first.body.next}`;
    const rest = await under.call('get', next, purpose);
    expect(rest.body.licences).to.have.length(4);
    expect(rest.body).to.not.have.property('next');
    const one = await under.call('get', `/v1/licences/${rest.body.licences[3].id}`, purpose);
    expect(JSON.stringify(one.body.fields)).to.include(rows[29]?.name);
    const unknown = await under.call('get', `/v1/imports/${'0'.repeat(32)}/licences`, purpose);
    expect([unknown.status, unknown.body.code]).to.deep.equal([404, 'IMPORT_UNKNOWN']);
  });

  it('refuses other media, broken text and unknown imports', async () => {
    expect((await upload('x', 'application/pdf')).body.code).to.equal('MEDIA_TYPE');
    expect((await upload('x', 'text/csv; charset=utf-16')).body.code).to.equal('MEDIA_TYPE');
    const broken = Buffer.concat([Buffer.from(`${HEADER}\n`), Buffer.from([0xff, 0xff, 0xfe])]);
    expect((await upload(broken)).body.code).to.equal('IMPORT_ENCODING');
    const unknown = await under.call('get', `/v1/imports/${'0'.repeat(32)}`);
    expect([unknown.status, unknown.body.code]).to.deep.equal([404, 'IMPORT_UNKNOWN']);
  });

  it('takes the same file with the same Idempotency-Key once', async () => {
    const headers = { 'Idempotency-Key': 'import-0123456789' };
    const file = csv(take(2));
    const first = await upload(file, 'text/csv', headers);
    const second = await upload(file, 'text/csv', headers);
    expect(second.body).to.deep.equal(first.body);
    const other = await upload(csv(take(1)), 'text/csv', headers);
    expect(other.body.code).to.equal('IDEMPOTENCY_MISMATCH');
  });
});

function flip(digit: string): string {
  return digit === '1' ? '2' : '1';
}

/** GB 18030 bytes of a text, two-byte part: by asking the decoder for every pair. */
function gb18030(text: string): Uint8Array {
  const decoder = new TextDecoder('gb18030', { fatal: true });
  const bytes = new Map<string, readonly number[]>();
  for (let high = 0x81; high <= 0xfe; high += 1) {
    for (let low = 0x40; low <= 0xfe; low += 1) {
      if (low === 0x7f) continue;
      bytes.set(decoder.decode(Uint8Array.of(high, low)), [high, low]);
    }
  }
  return Uint8Array.from(
    [...text].flatMap((c) => (c < '\u0080' ? [c.charCodeAt(0)] : [...(bytes.get(c) ?? [0x3f])])),
  );
}
