// SPDX-License-Identifier: Apache-2.0
// Two instances of a province over one PostgreSQL: what one wrote the other reads, and what a dead one left it tells.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { CodedError } from '@zhenglian/core/errors';
import { openReplayMemory } from '../../gateway/src/checking/replay-memory.ts';
import type { TraceAct } from '../../gateway/src/trace/trace.ts';
import { startPostgres } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';
import { failingLedger } from './failing-ledger.ts';
import type { FailingLedger } from './failing-ledger.ts';
import { AUDIT } from './call-app.ts';
import {
  eventually,
  freshDriver,
  issueDriving,
  openTestGateway,
  startProvinces,
} from './support.ts';
import type { TestGateway, TestProvinces } from './support.ts';

describe('gateway: two instances that issue over PostgreSQL', function () {
  this.timeout(180_000);
  let server: TestPostgres | undefined;
  let provinces: TestProvinces | undefined;
  let ledger: FailingLedger;
  let one: TestGateway;
  let two: TestGateway;
  let folder: string;
  before(async function () {
    server = await startPostgres(this);
    provinces = await startProvinces();
    folder = await mkdtemp(join(tmpdir(), 'zhenglian-instances-'));
    const databaseUrl = await server.createDatabase();
    const store = { databaseUrl, masterKeyPath: join(folder, 'master.key') };
    ledger = failingLedger(await provinces.connect('P44'));
    one = await openTestGateway(provinces, { store, ledger });
    two = await openTestGateway(provinces, { store });
  });
  after(async () => {
    await two.stop();
    await provinces?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const placesOf = async (ids: readonly string[]) => {
    const copies = await Promise.all(ids.map((id) => two.gateway.context.desk.copies(id)));
    return copies.flat().map(({ place: { epoch, index } }) => `${String(epoch)}/${String(index)}`);
  };

  it('issue side by side, each in its own epochs, and find each other’s licences', async () => {
    const ids = await Promise.all([one, two, one, two, one].map((each) => issueDriving(each)));
    const places = await placesOf(ids);
    expect(new Set(places).size).to.equal(ids.length);
    const epochs = new Set(places.map((place) => place.split('/')[0]));
    expect(epochs.size).to.equal(2);
    for (const id of ids) {
      for (const each of [one, two]) {
        expect((await each.call('get', `/v1/licences/${id}`, AUDIT)).body.state).to.equal('valid');
      }
    }
  });

  it('refuse one holder a second licence, whichever is asked', async () => {
    const body = { type: 'driving', fields: freshDriver() };
    const answers = await Promise.all(
      [one, two].map((each) => each.call('post', '/v1/licences', { body })),
    );
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([202, 409]);
  });

  it('anchor what a dead one had accepted, once each, and fill its lanes no more', async () => {
    ledger.before = ({ name }) =>
      name === 'SubmitBatch' ? new CodedError('LEDGER_UNAVAILABLE', 'away') : undefined;
    const ids: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      const body = { type: 'driving', fields: freshDriver() };
      const { status, body: answer } = await one.call('post', '/v1/licences', { body });
      expect(status).to.equal(202);
      ids.push(answer.id as string);
    }
    const before = await placesOf(ids);
    await one.stop({ keep: true });
    for (const id of ids) {
      await eventually(async () => {
        const { body } = await two.call('get', `/v1/licences/${id}`, AUDIT);
        expect(body.state).to.equal('valid');
      }, 60_000);
    }
    expect(await placesOf(ids)).to.deep.equal(before);
    const next = await issueDriving(two);
    const adopted = new Set(before.map((place) => place.split('/')[0]));
    expect(adopted.has((await placesOf([next]))[0]?.split('/')[0])).to.equal(false);
  });
});

describe('gateway: two instances over PostgreSQL', () => {
  let server: TestPostgres | undefined;
  let provinces: TestProvinces | undefined;
  let one: TestGateway;
  let two: TestGateway;
  let folder: string;
  before(async function () {
    server = await startPostgres(this);
    provinces = await startProvinces();
    folder = await mkdtemp(join(tmpdir(), 'zhenglian-instances-'));
    const databaseUrl = await server.createDatabase();
    const store = { databaseUrl, masterKeyPath: join(folder, 'master.key') };
    one = await openTestGateway(provinces, { store });
    two = await openTestGateway(provinces, { store, readOnly: true });
  });
  after(async () => {
    await two.stop();
    await provinces?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('share licences, and tell one trail whichever is asked', async () => {
    const id = await issueDriving(one);
    expect((await two.call('get', `/v1/licences/${id}`, AUDIT)).status).to.equal(200);
    const [a, b] = [one.gateway.context.trace, two.gateway.context.trace];
    const told = await b.entriesOf([id]);
    expect(told.map(({ entry }) => entry.kind)).to.include.members(['issue', 'look-up']);
    expect(new Set(told.map(({ instance }) => instance)).size).to.equal(2);
    await a.anchor();
    await b.anchor();
    const proven = await a.entriesOf([id]);
    expect(proven.map(({ instance, entry }) => [instance, entry.n])).to.have.deep.members(
      told.map(({ instance, entry }) => [instance, entry.n]),
    );
    const trail = await two.call('get', `/v1/trace?licence=${id}`, { as: 'regulator', ...AUDIT });
    expect(trail.status, JSON.stringify(trail.body)).to.equal(200);
  });

  it('take a proof for new once between them, and one licence at a time', async () => {
    const memories = await Promise.all(
      [one, two].map(({ gateway }) => openReplayMemory(gateway.context)),
    );
    expect(memories).to.have.length(2);
    let inside = 0;
    const task = async () => {
      inside += 1;
      expect(inside).to.equal(1);
      await new Promise((resolve) => setTimeout(resolve, 2));
      inside -= 1;
    };
    await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        (i % 2 === 0 ? one : two).gateway.context.locks.hold('licence/x', task),
      ),
    );
  });

  it('tell what a dead one has left, and nothing of a living one', async () => {
    const { store, outbox } = one.gateway.context;
    const act: TraceAct = {
      kind: 'claim',
      purpose: 'holder-request',
      actor: 'holder',
      subject: 'f'.repeat(32),
      outcome: 'ordered',
    };
    await store.write([...outbox.put(act)]);
    const other = two.gateway.context;
    await other.outbox.adopt();
    expect(await other.trace.entriesOf(['f'.repeat(32)])).to.have.length(0);
    await one.stop();
    await other.outbox.adopt();
    const told = await other.trace.entriesOf(['f'.repeat(32)]);
    expect(told.map(({ entry }) => entry.kind)).to.deep.equal(['claim']);
    await other.outbox.adopt();
    expect(await other.trace.entriesOf(['f'.repeat(32)])).to.have.length(1);
  });
});
