// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import request from 'supertest';
import { pauseImport } from '../../../gateway/src/imports/control-import.ts';
import { decodeImported } from '../../../gateway/src/imports/import-results.ts';
import { IMPORT_STATES, isFinal, mayFollow } from '../../../gateway/src/imports/import-states.ts';
import { valuesOf } from '../../../gateway/src/store/table-cbor.ts';
import { TOKENS } from '../call-app.ts';
import { openTestGateway, startProvinces } from '../support.ts';
import type { TestGateway, TestProvinces } from '../support.ts';
import { csvOf, peopleOf, send, untilState } from './people-file.ts';

const take = peopleOf('control', 5000);

describe('gateway: imports under way', function () {
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

  const act = (id: string, verb: string) => under.call('post', `/v1/imports/${id}/${verb}`);
  const get = (path: string) =>
    request(under.gateway.app).get(path).set('Authorization', `Bearer ${TOKENS.officer}`);

  it('has states that end, and no way out of an end', () => {
    for (const from of IMPORT_STATES) {
      expect(isFinal(from)).to.equal(IMPORT_STATES.every((to) => !mayFollow(from, to)));
      expect(mayFollow(from, from)).to.equal(false);
      if (!isFinal(from)) expect(mayFollow(from, 'cancelled'), from).to.equal(true);
    }
    expect(mayFollow('prepared', 'worked')).to.equal(false);
    expect(mayFollow('reading', 'prepared')).to.equal(false);
  });

  it('pauses between chunks, goes on after a restart, and issues each line once', async () => {
    const { context } = under.gateway;
    // Nobody is admitted before the pause waits for its turn.
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const closed = context.locks.hold('admission', () => gate);
    const { body } = await send(under, csvOf(take(1200)));
    const request = { id: body.id as string, actor: 'officer-1', remember: nothing };
    const pausing = pauseImport(context, request);
    open();
    await closed;
    const paused = await pausing;
    expect([paused.state, paused.read < 1200]).to.deep.equal(['paused', true]);
    expect((await act(body.id, 'pause')).body.code).to.equal('IMPORT_STATE');
    const { dataDir } = under.config;
    await under.stop({ keep: true });
    under = await openTestGateway(provinces, { dataDir });
    const still = await under.call('get', `/v1/imports/${body.id}`);
    expect([still.body.state, still.body.read]).to.deep.equal(['paused', paused.read]);
    expect((await act(body.id, 'resume')).body.state).to.equal('running');
    const done = await untilState(under, body.id, 'done');
    expect([done.read, done.accepted, done.anchored]).to.deep.equal([1200, 1200, 1200]);
    expect((await act(body.id, 'resume')).body.code).to.equal('IMPORT_STATE');
    expect((await act(body.id, 'cancel')).body.code).to.equal('IMPORT_STATE');
  });

  it('keeps what a cancelled import had issued and never issues the rest', async () => {
    const { body } = await send(under, csvOf(take(2600)));
    const cancelled = await act(body.id, 'cancel');
    expect([cancelled.status, cancelled.body.state]).to.deep.equal([200, 'cancelled']);
    const { accepted } = cancelled.body;
    const { store } = under.gateway.context;
    const count = async (prefix: string) => (await valuesOf(store, { prefix })).length;
    const imported = async () => {
      const rows = await valuesOf(store, { prefix: `import-licence/${body.id as string}/` });
      return rows.flatMap(decodeImported).length;
    };
    expect(await imported()).to.equal(accepted);
    while ((await count('import-open/')) > 0) await new Promise((r) => setTimeout(r, 50));
    expect(await count(`import-rows/${body.id as string}/`)).to.equal(0);
    expect(await imported()).to.equal(accepted);
    const after = await under.call('get', `/v1/imports/${body.id}`);
    expect([after.body.state, after.body.accepted]).to.deep.equal(['cancelled', accepted]);
  });

  it('checks everything in a dry run and issues nothing', async () => {
    const people = take(4);
    const issued = await send(under, csvOf(people.slice(0, 1)));
    await untilState(under, issued.body.id, 'done');
    const file = csvOf([...people, ...people.slice(1, 2)]).replace(/^(.*),1,(.*)$/m, '$1,1,$2');
    const { body } = await send(under, `${file}only,two\n`, '&dryRun=true');
    const checked = await untilState(under, body.id, 'checked');
    expect([checked.dryRun, checked.accepted, checked.rejected, checked.anchored]).to.deep.equal([
      ...[true, 3, 3, 0],
    ]);
    expect(checked.errors).to.deep.equal([
      { line: 2, reason: 'licence-exists' },
      { line: 6, reason: 'duplicate-line' },
      { line: 7, reason: 'columns' },
    ]);
    const real = await send(under, csvOf(people.slice(1)));
    expect((await untilState(under, real.body.id, 'done')).accepted).to.equal(3);
  });

  it('issues each holder once when two identical files come at the same time', async () => {
    const file = csvOf(take(1020));
    const [a, b] = await Promise.all([send(under, file), send(under, file)]);
    const both = [
      await untilState(under, a.body.id, 'done'),
      await untilState(under, b.body.id, 'done'),
    ];
    expect(both.map(({ accepted, rejected }) => Number(accepted) + Number(rejected))).to.deep.equal(
      [1020, 1020],
    );
    const accepted = both.map((each) => Number(each.accepted));
    expect(accepted.reduce((sum, each) => sum + each, 0)).to.equal(1020);
  });

  it('lists imports, the newest first, page by page', async () => {
    for (let n = 0; n < 24; n += 1) await send(under, csvOf(take(1)), '&dryRun=true');
    const first = await under.call('get', '/v1/imports');
    expect(first.body.imports).to.have.length(25);
    const rest = await under.call('get', `/v1/imports?after=${first.body.next as string}`);
    const ids = [...first.body.imports, ...rest.body.imports].map(({ id }) => id as string);
    expect(new Set(ids).size).to.equal(ids.length);
    expect(ids.length).to.be.at.least(29);
    const times = [...first.body.imports, ...rest.body.imports].map(({ at }) => Number(at));
    expect(times).to.deep.equal(times.toSorted((a, b) => b - a));
  });

  it('gives the results as a CSV for spreadsheets, in both languages', async () => {
    const [a, b] = take(2);
    const rows = csvOf([...[a, b].filter((person) => person !== undefined)]);
    const { body } = await send(under, `${rows}x,1\n`);
    await untilState(under, body.id, 'done');
    const { text, headers } = await get(`/v1/imports/${body.id as string}/results`);
    expect(headers['content-type']).to.equal('text/csv; charset=utf-8');
    expect(headers['content-disposition']).to.include('attachment');
    const lines = text.split('\r\n');
    expect(lines[0]).to.equal('\ufeffline,outcome,licence,column,reason,原因,explanation');
    expect(lines[1]).to.match(/^2,accepted,[0-9a-f]{32},,,,$/);
    expect(lines[3]).to.equal(
      '4,rejected,,,columns,列数与表头不符,Not as many columns as the header has',
    );
    const unknown = await get(`/v1/imports/${'0'.repeat(32)}/results`);
    expect(unknown.status).to.equal(404);
  });

  it('tells progress as it happens, and nothing twice to who comes back', async () => {
    const { body } = await send(under, csvOf(take(30)));
    const path = `/v1/imports/${body.id as string}/events`;
    const { text, headers } = await get(path);
    expect(headers['content-type']).to.include('text/event-stream');
    const events = text.split('\n\n').filter((event) => event.startsWith('id:'));
    const last = events.slice(-1).join('');
    expect(JSON.parse(last.slice(last.indexOf('data: ') + 6))).to.include({
      ...{ state: 'done', accepted: 30, anchored: 30 },
    });
    expect(text.endsWith('event: end\ndata: {}\n\n')).to.equal(true);
    const [, id = ''] = /^id: (\w+)$/m.exec(last) ?? [];
    const again = await get(path).set('Last-Event-ID', id);
    expect(again.text).to.equal('event: end\ndata: {}\n\n');
    expect((await get(`/v1/imports/${'0'.repeat(32)}/events`)).status).to.equal(404);
  });
});

function nothing(): Promise<readonly never[]> {
  return Promise.resolve([]);
}
