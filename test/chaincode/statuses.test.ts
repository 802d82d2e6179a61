// SPDX-License-Identifier: Apache-2.0
// Status changes through the built bundle (docs/ledger.md §6).
import { expect } from 'chai';
import type { CborInput } from '@zhenglian/core/cbor';
import {
  emptyChain,
  parseStatus,
  statusChain,
  statusPayload,
} from '@zhenglian/core/records/status';
import {
  authorityBody,
  codeOf,
  createWorkingConsortium,
  enact,
  GUANGDONG,
  keyRequest,
  START,
  testKey,
} from '../support/consortium.ts';
import {
  anchor,
  batchRequest,
  burnGuangdong,
  runAsP44,
  setStatuses,
  statusChange,
  testLeaves,
} from '../support/consortium-requests.ts';
import type { Consortium } from '../support/consortium.ts';

let c: Consortium;
const zl = 'zl-p44';
const run = (name: string, request: CborInput, leaves?: Uint8Array) =>
  runAsP44(c, name, request, leaves);
const burn = () => burnGuangdong(c);

describe('SetStatuses', () => {
  const change = (index: number, more = {}, options = {}) => statusChange(c, index, more, options);
  const set = async (...changes: Parameters<typeof setStatuses>[1][]) =>
    codeOf(await setStatuses(c, ...changes));
  const suspended = { state: 'suspended', class: 'lost' } as const;
  const valid = { state: 'valid', class: 'reinstated' } as const;
  beforeEach(async () => {
    c = await createWorkingConsortium();
    await anchor(c, 5);
  });

  it('chains a legal life and refuses every other step', async () => {
    expect(await set(change(1, valid))).to.equal('STATUS_TRANSITION');
    expect(await set(change(1, suspended))).to.equal('OK');
    expect(await set(change(1, suspended))).to.equal('STATUS_TRANSITION');
    expect(await set(change(1, { ...valid, class: 'error' }))).to.equal('STATUS_TRANSITION');
    expect(await set(change(1, valid))).to.equal('OK');
    expect(await set(change(1, { class: 'reinstated' }))).to.equal('STATUS_TRANSITION');
    expect(await set(change(1))).to.equal('OK');
    for (const more of [{}, suspended, valid]) {
      expect(await set(change(1, more))).to.equal('STATUS_TRANSITION');
    }
    const key = `status/${GUANGDONG}/0000000001/00001`;
    const last = parseStatus(await c.ask(c.parties.REG.client, zl, 'Record', { key }));
    expect([last.state, last.seq, last.rev]).to.deep.equal(['revoked', 3, 3]);
  });

  it('chains over what was signed', async () => {
    const first = change(1, suspended);
    await set(first);
    const second = change(1, valid);
    await set(second);
    const key = `status/${GUANGDONG}/0000000001/00001`;
    const { chain } = parseStatus(await c.ask(c.parties.REG.client, zl, 'Record', { key }));
    const one = statusChain(emptyChain(), statusPayload(first, emptyChain()));
    expect(chain).to.deep.equal(statusChain(one, statusPayload(second, one)));
  });

  it('refuses a sequence out of order and an index twice', async () => {
    expect(await set(change(1, { seq: 2 }))).to.equal('STATUS_ORDER');
    expect(await set(change(1), change(1))).to.equal('STATUS_ORDER');
    const stale = change(1, suspended);
    expect(await set(stale)).to.equal('OK');
    expect(await set(stale)).to.equal('STATUS_ORDER');
  });

  it('wants the index in the batch that is named', async () => {
    expect(await set(change(5))).to.equal('INDEX_NOT_ANCHORED');
    expect(await set(change(1, { n: 1 }))).to.equal('INDEX_NOT_ANCHORED');
    expect(await set(change(1, { epoch: 2 }))).to.equal('INDEX_NOT_ANCHORED');
    const leaves = testLeaves(3);
    const batch = batchRequest(c, leaves, { n: 1, first: 5 });
    expect(await run('SubmitBatch', batch, leaves)).to.equal('OK');
    expect(await set(change(4, { n: 1 }))).to.equal('INDEX_NOT_ANCHORED');
    expect(await set(change(5, { n: 1 }))).to.equal('OK');
  });

  it('wants a time between the last one and the transaction’s', async () => {
    expect(await set(change(1, { time: c.clock + 2 }))).to.equal('TIME_BACKWARDS');
    expect(await set(change(1, { ...suspended, time: c.clock - 10 }))).to.equal('OK');
    expect(await set(change(1, { time: c.clock - 20 }))).to.equal('TIME_BACKWARDS');
    const late = change(1);
    c.clock -= 8;
    expect(await set({ ...late })).to.equal('TIME_BACKWARDS');
  });

  it('wants the signature of a living key of this authority', async () => {
    const forged = { forged: { commitment: new Uint8Array(32) } };
    expect(await set(change(1, {}, forged))).to.equal('SIGNATURE_INVALID');
    expect(await set(change(1, {}, { key: testKey('zj') }))).to.equal('SCOPE');
    const chainless = { ...change(1), signature: new Uint8Array(64) };
    expect(await set(chainless)).to.equal('SIGNATURE_INVALID');
    const { clock } = c;
    c.clock = START + 86_400 * 365;
    expect(await set(change(1))).to.equal('KEY_WINDOW');
    c.clock = clock;
    await burn();
    expect(await set(change(1))).to.equal('KEY_BURNED');
    const spare = keyRequest(c, 'P44', GUANGDONG, 'gd-2');
    await c.submit(c.parties.P44.client, 'zl', 'RegisterKey', spare);
    expect(await set(change(1, {}, { key: testKey('gd-2') }))).to.equal('OK');
  });

  it('wants a key for the type of the batch', async () => {
    const register = keyRequest(c, 'P44', GUANGDONG, 'gd-2');
    await c.submit(c.parties.P44.client, 'zl', 'RegisterKey', register);
    const { DRIVING } = await import('@zhenglian/core/types/driving');
    const { asCbor } = await import('@zhenglian/core/shape');
    const other = { ...DRIVING, code: 'boating', number: 9 };
    await enact(c, 'type', { definition: asCbor(other) });
    const types = ['boating', 'driving'];
    await enact(c, 'authority', authorityBody('P44', GUANGDONG, { types }));
    const boats = keyRequest(c, 'P44', GUANGDONG, 'boats', { types: ['boating'] });
    await c.submit(c.parties.P44.client, 'zl', 'RegisterKey', boats);
    expect(await set(change(1, {}, { key: testKey('boats') }))).to.equal('SCOPE');
  });

  it('lets a withdrawn authority revoke, but not reinstate', async () => {
    expect(await set(change(1, suspended), change(2, suspended))).to.equal('OK');
    await enact(c, 'authority', authorityBody('P44', GUANGDONG, { status: 'withdrawn' }));
    expect(await set(change(1, valid))).to.equal('AUTHORITY_WITHDRAWN');
    expect(await set(change(1))).to.equal('OK');
  });

  it('makes all changes of a transaction or none, and says nothing about none', async () => {
    expect(await set(change(1), change(9))).to.equal('INDEX_NOT_ANCHORED');
    expect([...c.ledger.dump(zl).keys()].filter((k) => k.startsWith('status/'))).to.deep.equal([]);
    expect(await set()).to.equal('REQUEST_INVALID');
  });

  it('touches keys of its own indexes only, two state calls a change', async () => {
    const result = await setStatuses(c, change(1), change(2), change(3));
    expect([...result.writes.keys()]).to.deep.equal(
      [1, 2, 3].map((i) => `zl-p44 status/${GUANGDONG}/0000000001/0000${String(i)}`),
    );
    // net, organisation, authority, key and batch once, then a read and a write each.
    expect(result.stateCalls).to.equal(5 + 2 * 3);
    expect([...result.reads].filter((r) => r.includes('…'))).to.deep.equal([]);
  });
});
