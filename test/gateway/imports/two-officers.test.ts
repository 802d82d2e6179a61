// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import { BUSINESS } from '@zhenglian/core/types/business';
import { DRIVING } from '@zhenglian/core/types/driving';
import { RESIDENT_ID } from '@zhenglian/core/types/resident-id';
import { valuesOf } from '../../../gateway/src/store/table-cbor.ts';
import { AUDIT } from '../call-app.ts';
import { freshDriver, openTestGateway, startProvinces } from '../support.ts';
import type { TestGateway, TestProvinces } from '../support.ts';
import { csvOf, peopleOf, send, untilState } from './people-file.ts';

const STRICT = { ...DRIVING, approval: 'two-officers' } as const;
const take = peopleOf('two-officers', 60);

describe('gateway: two officers', function () {
  this.timeout(300_000);
  let provinces: TestProvinces;
  let under: TestGateway;

  before(async () => {
    provinces = await startProvinces([RESIDENT_ID, BUSINESS, STRICT]);
    under = await openTestGateway(provinces);
  });
  after(async () => {
    await under.stop();
    await provinces.close();
  });

  const decide = (id: string, verb: string, as: 'officer' | 'approver', body?: unknown) =>
    under.call('post', `/v1/imports/${id}/${verb}`, {
      as,
      ...(body === undefined ? {} : { body }),
    });
  const issuedKeys = async () => {
    let keys = 0;
    for (const prefix of ['licence/', 'copy/', 'place/', 'queue/', 'living/']) {
      keys += (await valuesOf(under.gateway.context.store, { prefix })).length;
    }
    return keys;
  };

  it('issues nothing of a file before somebody else approves', async () => {
    const before = await issuedKeys();
    const people = take(10);
    const file = csvOf([...people, ...people.slice(0, 1)]);
    const { body } = await send(under, file, '&twoOfficers=true');
    const prepared = await untilState(under, body.id, 'prepared');
    expect(prepared.check).to.deep.equal({ accepted: 10, rejected: 1 });
    expect(prepared.errors).to.deep.equal([{ line: 12, reason: 'duplicate-line' }]);
    expect([prepared.accepted, await issuedKeys()]).to.deep.equal([0, before]);
    const own = await decide(body.id, 'approve', 'officer');
    expect([own.status, own.body.code]).to.deep.equal([403, 'OWN_APPROVAL']);
    const waiting = await under.call('get', '/v1/imports?state=prepared', { as: 'approver' });
    expect(waiting.body.imports.map((each: { id: string }) => each.id)).to.deep.equal([body.id]);
    const approved = await decide(body.id, 'approve', 'approver');
    expect([approved.status, approved.body.state]).to.deep.equal([200, 'running']);
    const done = await untilState(under, body.id, 'done');
    expect([done.accepted, done.rejected, done.anchored]).to.deep.equal([10, 1, 10]);
    expect(done.decision.approved).to.equal(true);
    expect(done.decision.actor).to.not.equal(done.preparedBy);
    const again = await decide(body.id, 'approve', 'approver');
    expect([again.status, again.body.code]).to.deep.equal([409, 'IMPORT_STATE']);
  });

  it('issues nothing of what was refused, and keeps why', async () => {
    const before = await issuedKeys();
    const { body } = await send(under, csvOf(take(3)), '&twoOfficers=true');
    await untilState(under, body.id, 'prepared');
    const reason = '材料不全';
    const refused = await decide(body.id, 'refuse', 'approver', { reason });
    expect([refused.status, refused.body.state]).to.deep.equal([200, 'refused']);
    const { decision } = await untilState(under, body.id, 'refused');
    expect([decision.approved, decision.reason]).to.deep.equal([false, reason]);
    expect(await issuedKeys()).to.equal(before);
    const later = await decide(body.id, 'approve', 'approver');
    expect(later.body.code).to.equal('IMPORT_STATE');
  });

  it('demands it of a type that says so, whatever was asked', async () => {
    const fields = freshDriver();
    const order = { body: { type: 'driving', fields } };
    const prepared = await under.call('post', '/v1/licences', order);
    expect(prepared.status).to.equal(202);
    const id = prepared.body.import as string;
    const wrong = await under.call('post', '/v1/licences', {
      body: { type: 'driving', fields: { ...fields, sex: 'x' } },
    });
    expect([wrong.status, wrong.body.code]).to.deep.equal([400, 'FIELD_INVALID']);
    await untilState(under, id, 'prepared');
    const search = { type: 'driving', subject: fields['licenceNo'] };
    const found = () => under.call('post', '/v1/licences/search', { ...AUDIT, body: search });
    expect((await found()).body.licences).to.deep.equal([]);
    expect((await decide(id, 'approve', 'officer')).body.code).to.equal('OWN_APPROVAL');
    await decide(id, 'approve', 'approver');
    await untilState(under, id, 'done');
    const [licence] = (await found()).body.licences as { id: string }[];
    const twice = await under.call('post', '/v1/licences', order);
    expect([twice.status, twice.body.code]).to.deep.equal([409, 'LICENCE_EXISTS']);
    const path = `/v1/licences/${licence?.id ?? ''}/reissue`;
    const reissue = await under.call('post', path, { body: { fields } });
    expect([reissue.status, reissue.body.code]).to.deep.equal([409, 'APPROVAL_NEEDED']);
  });

  it('has in its trace who prepared, who approved and who refused', async () => {
    const { imports } = (await under.call('get', '/v1/imports')).body;
    const ids = imports.map(({ id }: { id: string }) => id) as string[];
    const entries = await under.gateway.context.trace.entriesOf(ids);
    const told = entries.map(
      ({ entry: { actor, detail } }) => `${actor.split('-')[0] ?? ''} ${String(detail['state'])}`,
    );
    expect(told).to.include.members([
      'officer prepared',
      'approver running',
      'approver refused',
      'officer worked',
    ]);
  });
});
