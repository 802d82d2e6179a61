// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { sm2 } from '@zhenglian/guomi';
import { voidArgument } from '@zhenglian/core/anchor';
import { fromHex, toHex } from '@zhenglian/core/bytes';
import { isCodedError } from '@zhenglian/core/errors';
import { AUDIT } from './call-app.ts';
import {
  eventually,
  freshDriver,
  issueDriving,
  openTestGateway,
  startProvinces,
} from './support.ts';
import type { TestGateway, TestProvinces } from './support.ts';

const REVOKE = { state: 'revoked', class: 'administrative', reason: 'test', basis: 'art. 1' };
const SUSPEND = { state: 'suspended', class: 'judicial', reason: 'test', basis: 'art. 2' };
const REINSTATE = { state: 'valid', class: 'reinstated', reason: 'test', basis: 'art. 3' };

describe('gateway: status and reissue', function () {
  this.timeout(120_000);
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

  const change = (id: string, body: object) =>
    under.call('post', `/v1/licences/${id}/status`, { body });
  const look = async (id: string) => (await under.call('get', `/v1/licences/${id}`, AUDIT)).body;
  const onLedger = async (id: string) => {
    const copies = await under.gateway.context.desk.copies(id);
    return Promise.all(
      copies.map(async ({ uscc, place }) => {
        const { replica } = under.gateway.context;
        return (await replica.statusOf(uscc, place.epoch, place.index)).state;
      }),
    );
  };
  const orderCopy = (id: string, holderKey = freshKey()) =>
    under.gateway.context.desk.withLicence(id, (held) => held.orderCopy({ holderKey }));

  it('suspends, reinstates and revokes all copies', async () => {
    const id = await issueDriving(under);
    await orderCopy(id);
    const suspended = await change(id, SUSPEND);
    expect(suspended.body.committed.transactionId).to.match(/^[0-9a-f]{64}$/);
    expect(await onLedger(id)).to.deep.equal(['suspended', 'suspended']);
    expect((await look(id)).copies.map((c: { state: string }) => c.state)).to.deep.equal([
      'suspended',
      'suspended',
    ]);
    expect((await change(id, REINSTATE)).body.state).to.equal('valid');
    expect(await onLedger(id)).to.deep.equal(['valid', 'valid']);
    await change(id, REVOKE);
    expect(await onLedger(id)).to.deep.equal(['revoked', 'revoked']);
    const after = await change(id, REINSTATE);
    expect([after.status, after.body.code]).to.deep.equal([409, 'STATUS_TRANSITION']);
  });

  it('leaves a lost phone revoked when the licence is reinstated', async () => {
    const id = await issueDriving(under);
    await orderCopy(id);
    const device = (await look(id)).copies.find((c: { kind: string }) => c.kind === 'device');
    const lost = await change(id, { ...REVOKE, class: 'lost', copy: device.id });
    expect([lost.status, lost.body.state]).to.deep.equal([200, 'valid']);
    await change(id, SUSPEND);
    await change(id, REINSTATE);
    const states = (await look(id)).copies.map((c: { kind: string; state: string }) => [
      c.kind,
      c.state,
    ]);
    expect(states).to.have.deep.members([
      ['document', 'valid'],
      ['device', 'revoked'],
    ]);
    expect(await onLedger(id)).to.have.members(['valid', 'revoked']);
  });

  it('refuses illegal transitions, unknown copies and licences', async () => {
    const id = await issueDriving(under);
    const codes = await Promise.all([
      change(id, REINSTATE),
      change(id, { ...SUSPEND, class: 'reinstated' }),
      change(id, { ...REVOKE, copy: '0'.repeat(32) }),
      change('f'.repeat(32), REVOKE),
    ]);
    expect(codes.map(({ body }) => body.code)).to.deep.equal([
      'STATUS_TRANSITION',
      'STATUS_TRANSITION',
      'COPY_UNKNOWN',
      'LICENCE_UNKNOWN',
    ]);
  });

  it('gives a copy to a claim or revokes it with the rest, whatever comes first', async () => {
    const id = await issueDriving(under);
    const [claimed, revoked] = await Promise.allSettled([orderCopy(id), change(id, REVOKE)]);
    expect(revoked.status).to.equal('fulfilled');
    if (claimed.status === 'rejected') {
      expect(isCodedError<string>(claimed.reason, 'LICENCE_NOT_LIVING')).to.equal(true);
    }
    for (const state of await onLedger(id)) expect(state).to.equal('revoked');
    const late = await orderCopy(id).catch((error: unknown) => error);
    expect(isCodedError<string>(late, 'LICENCE_NOT_LIVING')).to.equal(true);
  });

  it('never anchors a copy that was in no batch when its licence was revoked: its index is void', async () => {
    const slow = await openTestGateway(provinces, {
      msp: 'P33',
      batch: { size: 500, milliseconds: 3000 },
    });
    try {
      const fields = freshDriver();
      const issue = () => slow.call('post', '/v1/licences', { body: { type: 'driving', fields } });
      const issued = await issue();
      const path = `/v1/licences/${issued.body.id}/status`;
      const revoked = await slow.call('post', path, { body: REVOKE });
      expect(revoked.body).to.deep.equal({ id: issued.body.id, state: 'revoked', committed: null });
      // The subject is free again, and what is anchored then is a void and the new licence.
      const again = await issue();
      expect(again.status).to.equal(202);
      await eventually(async () => {
        const [copy] = await slow.gateway.context.desk.copies(again.body.id);
        expect(copy?.step).to.equal('anchored');
        expect(copy?.place.index).to.equal(1);
      });
      const { desk, replica } = slow.gateway.context;
      const [dropped] = await desk.copies(issued.body.id);
      expect(dropped?.step).to.equal('abandoned');
      const { uscc = '', place } = dropped ?? {};
      const there = await replica.inclusion(uscc, place?.epoch ?? 0, place?.index ?? 0);
      expect(toHex(there?.argument ?? new Uint8Array())).to.equal(toHex(voidArgument()));
    } finally {
      await slow.stop();
    }
  });

  it('gives the same key the same copy', async () => {
    const id = await issueDriving(under);
    const key = freshKey();
    const [first, second] = await Promise.all([orderCopy(id, key), orderCopy(id, key)]);
    expect(second.index).to.equal(first.index);
  });

  it('reissues: version + 1, same serial, the old one superseded once the new one is anchored', async () => {
    const fields = freshDriver();
    const id = await issueDriving(under, fields);
    await orderCopy(id);
    const before = await look(id);
    const reissued = await under.call('post', `/v1/licences/${id}/reissue`, {
      body: { fields: { ...fields, address: '广东省广州市越秀区新路 1 号' } },
    });
    expect([reissued.status, reissued.body.version]).to.deep.equal([202, 2]);
    expect(serialOf(reissued.body.number)).to.equal(serialOf(before.number));
    const twice = await under.call('post', `/v1/licences/${id}/reissue`, { body: { fields } });
    expect(twice.body.code).to.equal('LICENCE_NOT_LIVING');
    await eventually(async () => {
      expect((await look(id)).state).to.equal('superseded');
    });
    expect(await onLedger(id)).to.deep.equal(['revoked', 'revoked']);
    const now = await look(reissued.body.id);
    expect([now.state, now.supersedes]).to.deep.equal(['valid', id]);
    const old = await under.call('get', `/v1/licences/${id}/code`, AUDIT);
    expect(old.body.code).to.equal('LICENCE_NOT_LIVING');
  });

  it('gives no claim code for what has ended', async () => {
    const id = await issueDriving(under);
    const path = `/v1/licences/${id}/claim-codes`;
    const letter = await under.call('post', path, { body: { delivery: 'letter' } });
    expect([letter.status, letter.body.lastSix]).to.deep.equal([201, true]);
    await change(id, REVOKE);
    const refused = await under.call('post', path, { body: { delivery: 'counter' } });
    expect(refused.body.code).to.equal('LICENCE_NOT_LIVING');
  });

  it('puts no reason on the ledger', async () => {
    const id = await issueDriving(under);
    const reason = `because ${randomBytes(6).toString('hex')}`;
    const { body } = await change(id, { ...REVOKE, reason });
    const blocks = under.gateway.context.ledger.blocks(
      body.committed.blockNumber,
      AbortSignal.timeout(5000),
    );
    for await (const block of blocks) {
      const bytes = block.transactions.flatMap(({ args }) => args.map((a) => Buffer.from(a)));
      expect(bytes.some((b) => b.includes(reason))).to.equal(false);
      break;
    }
  });
});

function freshKey(): Uint8Array {
  return sm2.compressPublicKey(sm2.generateKeyPair().publicKey);
}

function serialOf(number: string): string {
  const serial = /\.([0-9A-F]{16})\.\d{3}\.[0-9A-Z]$/.exec(number)?.[1] ?? '';
  expect(fromHex(serial)).to.have.length(8);
  return serial;
}
