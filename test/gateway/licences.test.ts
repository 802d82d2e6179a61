// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import { sm3 } from '@zhenglian/guomi';
import { toHex, utf8 } from '@zhenglian/core/bytes';
import { openPresentation } from '@zhenglian/core/presentation';
import { verifyInclusion, anchorArgument } from '@zhenglian/core/anchor';
import { verifyFor } from '@zhenglian/core/signing';
import { DRIVING } from '@zhenglian/core/types/driving';
import { parseWire } from '@zhenglian/core/wire';
import { AUDIT } from './call-app.ts';
import {
  anchored,
  freshDriver,
  freshPerson,
  issueDriving,
  openTestGateway,
  startProvinces,
} from './support.ts';
import type { TestGateway, TestProvinces } from './support.ts';

describe('gateway: licences', function () {
  this.timeout(120_000);
  let provinces: TestProvinces;
  let under: TestGateway;
  /** Seconds that the gateway's clock runs ahead. */
  let ahead = 0;

  before(async () => {
    provinces = await startProvinces();
    const clock = () => Math.floor(Date.now() / 1000) + ahead;
    under = await openTestGateway(provinces, { clock });
  });
  after(async () => {
    await under.stop();
    await provinces.close();
  });

  it('gives licences ids that begin with the second of their making, the rest random', async () => {
    const before = Math.floor(Date.now() / 1000);
    const ids: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      const body = { type: 'driving', fields: freshDriver() };
      const issued = await under.call('post', '/v1/licences', { body });
      expect(issued.status, JSON.stringify(issued.body)).to.equal(202);
      ids.push(String(issued.body.id));
    }
    for (const id of ids) {
      expect(id).to.match(/^[0-9a-f]{32}$/);
      const second = Number.parseInt(id.slice(0, 8), 16);
      expect(second).to.be.within(before, Math.floor(Date.now() / 1000));
    }
    expect(new Set(ids.map((id) => id.slice(8))).size).to.equal(ids.length);
  });

  it('issues a licence, anchors it and prints a code that proves itself', async () => {
    const fields = freshDriver();
    const issued = await under.call('post', '/v1/licences', { body: { type: 'driving', fields } });
    expect(issued.status, JSON.stringify(issued.body)).to.equal(202);
    expect(issued.body.number).to.match(/^1\.2\.156\.3005\.2\.11100000000013127D002\./);
    await anchored(under, issued.body.id);

    const code = await under.call('get', `/v1/licences/${issued.body.id}/code`, AUDIT);
    expect(code.status).to.equal(200);
    expect(code.body.qrVersion).to.be.at.most(15);
    const wire = parseWire(code.body.text);
    const { cose, payload, fields: shown } = openPresentation(wire, DRIVING);
    expect(shown.find(({ slot }) => slot.name === 'name')?.value).to.equal(fields['name']);

    const { replica, networkId } = under.gateway.context;
    const key = replica.trustBundle().bundle.keys[0];
    expect(key).to.not.equal(undefined);
    if (key === undefined) return;
    const { publicKey, uscc } = key;
    const { signature, epoch, index } = wire;
    expect(verifyFor({ purpose: 'licence', networkId, publicKey, payload, signature })).to.equal(
      true,
    );

    const held = await replica.epochEvidence(uscc, epoch);
    const batch = held?.evidence.batches.find((b) => index >= b.first && index < b.first + b.count);
    const proof = await replica.inclusion(uscc, epoch, index);
    expect(batch).to.not.equal(undefined);
    expect(proof).to.not.equal(undefined);
    if (batch === undefined || proof === undefined) return;
    expect(toHex(proof.argument)).to.equal(toHex(anchorArgument(cose)));
    const position = index - batch.first;
    expect(verifyInclusion(proof, { position, count: batch.count, root: batch.root })).to.equal(
      true,
    );
  });

  it('does not print before the anchor, nor an unknown set', async () => {
    const id = await issueDriving(under);
    const unknown = await under.call('get', `/v1/licences/${id}/code?set=nothing`, AUDIT);
    expect([unknown.status, unknown.body.code]).to.deep.equal([404, 'SET_UNKNOWN']);
    const slow = await openTestGateway(provinces, {
      msp: 'P33',
      batch: { size: 500, milliseconds: 60_000 },
    });
    try {
      const issued = await slow.call('post', '/v1/licences', {
        body: { type: 'driving', fields: freshDriver() },
      });
      const code = await slow.call('get', `/v1/licences/${issued.body.id}/code`, AUDIT);
      expect([code.status, code.body.code]).to.deep.equal([409, 'NOT_ANCHORED']);
    } finally {
      await slow.stop();
    }
  });

  it('masks what is sensitive unless asked, and finds by number and by subject', async () => {
    const fields = freshDriver();
    const number = fields['licenceNo'] ?? '';
    const id = await issueDriving(under, fields);
    const masked = await under.call('get', `/v1/licences/${id}`, AUDIT);
    const text = JSON.stringify(masked.body);
    for (const slot of ['licenceNo', 'address', 'fileNo']) {
      expect(text).to.not.include(fields[slot]);
    }
    expect(text).to.include(`${number.slice(0, 3)}***********${number.slice(14)}`);
    const full = await under.call('get', `/v1/licences/${id}?unmask=true`, AUDIT);
    expect(JSON.stringify(full.body)).to.include(number);

    for (const body of [{ number: full.body.number }, { type: 'driving', subject: number }]) {
      const found = await under.call('post', '/v1/licences/search', { body, ...AUDIT });
      expect(found.body.licences.map((l: { id: string }) => l.id)).to.deep.equal([id]);
    }
    const none = await under.call('post', '/v1/licences/search', {
      body: { type: 'driving', subject: '999999199001010000' },
      ...AUDIT,
    });
    expect(none.body.licences).to.deep.equal([]);
  });

  it('says what is wrong with the fields and writes nothing', async () => {
    const fields = { ...freshDriver(), sex: 'x', validTo: '1999-13-01', ghost: 'x' };
    const refused = await under.call('post', '/v1/licences', { body: { type: 'driving', fields } });
    expect([refused.status, refused.body.code]).to.deep.equal([400, 'FIELD_INVALID']);
    expect(refused.body.problems).to.deep.include({ slot: 'sex', reason: 'malformed' });
    expect(refused.body.problems).to.deep.include({ slot: 'ghost', reason: 'unknown' });
    const expired = { ...freshDriver(), validFrom: '2001-01-01', validTo: '2007-01-01' };
    const old = await under.call('post', '/v1/licences', {
      body: { type: 'driving', fields: expired },
    });
    expect(old.body.problems).to.deep.equal([{ slot: 'validTo', reason: 'expired' }]);
    const type = await under.call('post', '/v1/licences', { body: { type: 'ghost', fields } });
    expect([type.status, type.body.code]).to.deep.equal([404, 'TYPE_UNKNOWN']);
  });

  it('refuses a second living licence of a subject, also when both come at once', async () => {
    const fields = freshPerson();
    const both = await Promise.all(
      [1, 2, 3].map(() =>
        under.call('post', '/v1/licences', { body: { type: 'resident-id', fields } }),
      ),
    );
    expect(both.map(({ status }) => status).toSorted()).to.deep.equal([202, 409, 409]);
    const again = await under.call('post', '/v1/licences', {
      body: { type: 'resident-id', fields },
    });
    expect(again.body.code).to.equal('LICENCE_EXISTS');
  });

  it('answers the same to the same Idempotency-Key and refuses another body', async () => {
    const headers = { 'Idempotency-Key': 'key-0123456789' };
    const body = { type: 'driving', fields: freshDriver() };
    const [first, second] = await Promise.all([
      under.call('post', '/v1/licences', { body, headers }),
      under.call('post', '/v1/licences', { body, headers }),
    ]);
    expect(first.status).to.equal(202);
    expect(second.body).to.deep.equal(first.body);
    const other = { type: 'driving', fields: freshDriver() };
    const refused = await under.call('post', '/v1/licences', { body: other, headers });
    expect([refused.status, refused.body.code]).to.deep.equal([409, 'IDEMPOTENCY_MISMATCH']);
    const wrong = await under.call('post', '/v1/licences', {
      body,
      headers: { 'Idempotency-Key': 'short' },
    });
    expect(wrong.body.code).to.equal('IDEMPOTENCY_KEY');
  });

  it('answers the same to a key that it met while its clock was in the next day', async () => {
    const headers = { 'Idempotency-Key': 'key-of-tomorrow' };
    const body = { type: 'driving', fields: freshDriver() };
    ahead = 86_400;
    const first = await under.call('post', '/v1/licences', { body, headers });
    ahead = 0;
    const second = await under.call('post', '/v1/licences', { body, headers });
    expect(first.status).to.equal(202);
    expect(second).to.deep.equal(first);
  });

  it('keeps clear content of digest slots beside the licence', async () => {
    const scope = '软件开发；'.repeat(60);
    const photo = await under.call('post', '/v1/licences', {
      body: { type: 'driving', fields: { ...freshDriver(), photo: scope } },
    });
    expect(photo.status).to.equal(202);
    const { desk } = under.gateway.context;
    const licence = await desk.licence(photo.body.id);
    expect((await desk.attachments(licence.id)).get('photo')).to.equal(scope);
    const digest = toHex(sm3.hash(utf8(scope)));
    expect(licence.values.some((v) => v instanceof Uint8Array && toHex(v) === digest)).to.equal(
      true,
    );
  });

  it('logs no field', async () => {
    const fields = freshDriver();
    await issueDriving(under, fields);
    const logged = under.logs.join('\n');
    for (const slot of ['name', 'address', 'licenceNo', 'fileNo']) {
      expect(logged).to.not.include(fields[slot]);
    }
    expect(logged).to.include('/v1/licences/:id');
  });
});
