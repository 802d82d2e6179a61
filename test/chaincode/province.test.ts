// SPDX-License-Identifier: Apache-2.0
// Epochs, batches, evidence and traces through the built bundle (docs/ledger.md §4, §6, §7).
import { expect } from 'chai';
import { anchorRoot } from '@zhenglian/core/anchor';
import type { CborInput } from '@zhenglian/core/cbor';
import { parseBatch } from '@zhenglian/core/records/batch';
import { parseEpochEvidence } from '@zhenglian/core/records/epoch-evidence';
import { emptyChain } from '@zhenglian/core/records/status';
import { traceChain } from '@zhenglian/core/records/trace-root';
import {
  authorityBody,
  codeOf,
  createWorkingConsortium,
  enact,
  GUANGDONG,
  keyRequest,
  START,
  testKey,
  ZHEJIANG,
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
import { createOrganisation } from '../support/organisation.ts';

let c: Consortium;
const zl = 'zl-p44';
const run = (name: string, request: CborInput, leaves?: Uint8Array) =>
  runAsP44(c, name, request, leaves);
const burn = () => burnGuangdong(c);

describe('A province’s chaincode', () => {
  beforeEach(async () => {
    c = await createWorkingConsortium();
  });

  it('refuses everybody but its own writers, the first write of a key too', async () => {
    const { P44, P33, REG } = c.parties;
    await anchor(c, 5);
    const stranger = await (await createOrganisation('P11')).member('client');
    const leaves = testLeaves(5, 'more');
    const writes: [string, CborInput, Uint8Array?][] = [
      ['OpenEpoch', { uscc: GUANGDONG, epoch: 2, instance: 'x' }],
      ['SubmitBatch', batchRequest(c, leaves, { n: 1, first: 5 }), leaves],
      ['SetStatuses', { changes: [{ ...statusChange(c, 0) }] }],
      ['AnchorTrace', trace(0, 1, emptyChain())],
    ];
    for (const by of [stranger, P33.client, P33.admin, REG.client, P44.peer]) {
      for (const [name, request, extra] of writes) {
        const code = codeOf(await c.run(by, zl, name, request, extra));
        expect(code, `${name} by ${by.msp}`).to.equal('ACCESS_DENIED');
      }
    }
    for (const [name, request, extra] of writes) {
      expect(await run(name, request, extra), name).to.equal('OK');
    }
  });

  it('refuses an organisation of its own that was expelled', async () => {
    const { rootCertificate } = c.parties.P44;
    const name = { zh: 'P44', en: 'P44' };
    const body = { msp: 'P44', kind: 'province', prefix: '44', name, rootCertificate };
    await enact(c, 'organisation', { ...body, status: 'expelled' });
    const request = { uscc: GUANGDONG, epoch: 1, instance: 'x' };
    expect(await run('OpenEpoch', request)).to.equal('ACCESS_DENIED');
    expect(await run('AnchorTrace', trace(0, 1, emptyChain()))).to.equal('ACCESS_DENIED');
  });

  it('answers a record and refuses malformed questions', async () => {
    await anchor(c, 2);
    const key = `batch/${GUANGDONG}/0000000001/0000000000`;
    const record = parseBatch(await c.ask(c.parties.P33.client, zl, 'Record', { key }));
    expect(record.count).to.equal(2);
    expect(record.rev).to.equal(1);
    expect(await run('Record', { key: 'batch/x' })).to.equal('NOT_FOUND');
    expect(await run('Record', { key: '' })).to.equal('REQUEST_INVALID');
    const unknown = { uscc: GUANGDONG, epoch: 9 };
    expect(await run('EpochEvidence', unknown)).to.equal('EPOCH_UNKNOWN');
  });
});

describe('OpenEpoch', () => {
  beforeEach(async () => {
    c = await createWorkingConsortium();
  });

  it('leases a number once', async () => {
    const request = { uscc: GUANGDONG, epoch: 7, instance: 'gd-1' };
    expect(await run('OpenEpoch', request)).to.equal('OK');
    expect(await run('OpenEpoch', { ...request, instance: 'gd-2' })).to.equal('EXISTS');
    expect(await run('OpenEpoch', { ...request, epoch: 2 ** 32 })).to.equal('REQUEST_INVALID');
    expect(await run('OpenEpoch', { ...request, instance: 'a/b' })).to.equal('REQUEST_INVALID');
  });

  it('is for accredited authorities of the province', async () => {
    const foreign = { uscc: ZHEJIANG, epoch: 1, instance: 'x' };
    expect(await run('OpenEpoch', foreign)).to.equal('ACCESS_DENIED');
    const unknown = { ...foreign, uscc: GUANGDONG.replace('0', '1') };
    expect(await run('OpenEpoch', unknown)).to.equal('NOT_FOUND');
    await enact(c, 'authority', authorityBody('P44', GUANGDONG, { status: 'withdrawn' }));
    const own = { ...foreign, uscc: GUANGDONG };
    expect(await run('OpenEpoch', own)).to.equal('AUTHORITY_WITHDRAWN');
  });
});

describe('SubmitBatch', () => {
  const leaves = testLeaves(5);
  const submit = (request: CborInput, sent = leaves) => run('SubmitBatch', request, sent);
  const next = (change = {}) => batchRequest(c, leaves, { n: 1, first: 5, ...change });
  beforeEach(async () => {
    c = await createWorkingConsortium();
    await anchor(c, 5);
  });

  it('takes batches in order, each once', async () => {
    expect(await submit(batchRequest(c, leaves))).to.equal('EXISTS');
    expect(await submit(next({ n: 2 }))).to.equal('BATCH_ORDER');
    expect(await submit(next({ first: 4 }))).to.equal('BATCH_ORDER');
    expect(await submit(next({ first: 6 }))).to.equal('BATCH_ORDER');
    expect(await submit(next({ epoch: 2 }))).to.equal('EPOCH_UNKNOWN');
    expect(await submit(next())).to.equal('OK');
    const second = { uscc: GUANGDONG, epoch: 2, instance: 'x' };
    expect(await run('OpenEpoch', second)).to.equal('OK');
    expect(await submit(next({ epoch: 2, n: 0 }))).to.equal('BATCH_ORDER');
    c.clock -= 1000;
    expect(await submit(next({ n: 2, first: 10 }))).to.equal('TIME_BACKWARDS');
  });

  it('builds the root itself', async () => {
    const list = [leaves.slice(0, 32), leaves.slice(32, 64)];
    expect(await submit(next({ root: anchorRoot(list) }))).to.equal('BATCH_ROOT');
    expect(await submit(next(), testLeaves(5, 'x'))).to.equal('BATCH_ROOT');
    expect(await submit(next(), leaves.slice(1))).to.equal('REQUEST_INVALID');
    expect(await submit(next(), testLeaves(6))).to.equal('REQUEST_INVALID');
    expect(await submit(next({ count: 0 }), new Uint8Array(0))).to.equal('REQUEST_INVALID');
    expect(await submit(next({ count: 10_001 }))).to.equal('REQUEST_INVALID');
  });

  it('wants the signature of a key of this authority, for this type', async () => {
    const forged = { root: new Uint8Array(32) };
    const other = batchRequest(c, leaves, { n: 1, first: 5 }, { forged });
    expect(await submit(other)).to.equal('SIGNATURE_INVALID');
    const stolen = { forged: { kid: testKey('zj').kid } };
    const foreign = batchRequest(c, leaves, { n: 1, first: 5 }, stolen);
    expect(await submit(foreign)).to.equal('SIGNATURE_INVALID');
    const zj = batchRequest(c, leaves, { n: 1, first: 5 }, { key: testKey('zj') });
    expect(await submit(zj)).to.equal('SCOPE');
    expect(await submit(next({ type: 'business' }))).to.equal('SCOPE');
    const nobody = batchRequest(c, leaves, { n: 1, first: 5 }, { key: testKey('nobody') });
    expect(await submit(nobody)).to.equal('NOT_FOUND');
    const theirs = next({ uscc: ZHEJIANG });
    expect(await submit(theirs)).to.equal('ACCESS_DENIED');
  });

  it('refuses a key after its burn, outside its window, and a withdrawn authority', async () => {
    const { clock } = c;
    c.clock = START - 86_402;
    expect(await submit(next())).to.equal('KEY_WINDOW');
    c.clock = START + 86_400 * 365;
    expect(await submit(next())).to.equal('KEY_WINDOW');
    c.clock = clock;
    await burn();
    expect(await submit(next())).to.equal('KEY_BURNED');
    const spare = keyRequest(c, 'P44', GUANGDONG, 'gd-2');
    await c.submit(c.parties.P44.client, 'zl', 'RegisterKey', spare);
    const fresh = { key: testKey('gd-2') };
    await enact(c, 'authority', authorityBody('P44', GUANGDONG, { status: 'withdrawn' }));
    const request = batchRequest(c, leaves, { n: 1, first: 5 }, fresh);
    expect(await submit(request)).to.equal('AUTHORITY_WITHDRAWN');
    await enact(c, 'authority', authorityBody('P44', GUANGDONG));
    expect(await submit(request)).to.equal('OK');
  });

  it('reads the key, so that a burn in flight invalidates it', async () => {
    const request = next();
    const result = await c.run(c.parties.P44.client, zl, 'SubmitBatch', request, leaves);
    const kid = Buffer.from(testKey('gd').kid).toString('hex');
    expect(result.reads).to.include(`zl key/${kid}`);
    expect(result.reads).to.include(`zl auth/${GUANGDONG}`);
    expect(result.reads).to.include('zl org/P44');
    expect([...result.reads].filter((r) => r.includes('…'))).to.deep.equal([]);
    expect([...result.writes.keys()]).to.deep.equal([
      `zl-p44 batch/${GUANGDONG}/0000000001/0000000001`,
    ]);
  });

  it('anchors 10,000 leaves, and no more than an epoch holds', async () => {
    const many = testLeaves(10_000);
    const batch = (n: number, first: number, sent = many) =>
      submit(batchRequest(c, sent, { epoch: 2, n, first }), sent);
    expect(await run('OpenEpoch', { uscc: GUANGDONG, epoch: 2, instance: 'x' })).to.equal('OK');
    for (let n = 0; n < 6; n++) expect(await batch(n, n * 10_000)).to.equal('OK');
    expect(await batch(6, 60_000, testLeaves(5537))).to.equal('BATCH_ORDER');
    expect(await batch(6, 60_000, testLeaves(5536))).to.equal('OK');
    const request = { uscc: GUANGDONG, epoch: 2 };
    const evidence = parseEpochEvidence(
      await c.ask(c.parties.REG.client, zl, 'EpochEvidence', request),
    );
    expect(evidence.covered).to.equal(65_536);
  });
});

describe('EpochEvidence', () => {
  it('answers for the whole epoch, with the nonce that was asked with', async () => {
    c = await createWorkingConsortium();
    await anchor(c, 5);
    await setStatuses(c, statusChange(c, 3), statusChange(c, 1));
    const nonce = new Uint8Array(16).fill(9);
    const request = { uscc: GUANGDONG, epoch: 1, nonce };
    const answer = await c.ask(c.parties.P33.client, zl, 'EpochEvidence', request);
    const evidence = parseEpochEvidence(answer);
    expect(evidence.networkId).to.deep.equal(c.networkId);
    expect(evidence.nonce).to.deep.equal(nonce);
    expect(evidence.covered).to.equal(5);
    expect(evidence.version).to.equal(4);
    expect(evidence.at).to.equal(c.clock);
    expect(evidence.batches.map((b) => [b.n, b.first, b.count, b.type])).to.deep.equal([
      [0, 0, 5, 'driving'],
    ]);
    expect(evidence.statuses.map((s) => [s.index, s.state, s.seq])).to.deep.equal([
      [1, 'revoked', 1],
      [3, 'revoked', 1],
    ]);
  });
});

describe('AnchorTrace', () => {
  beforeEach(async () => {
    c = await createWorkingConsortium();
  });

  it('takes roots in order, chained, each once', async () => {
    const first = trace(0, 3, emptyChain());
    expect(await run('AnchorTrace', trace(1, 3, emptyChain()))).to.equal('TRACE_ORDER');
    expect(await run('AnchorTrace', trace(0, 3, new Uint8Array(32).fill(1)))).to.equal(
      'TRACE_ORDER',
    );
    expect(await run('AnchorTrace', { ...first, first: 1 })).to.equal('TRACE_ORDER');
    expect(await run('AnchorTrace', first)).to.equal('OK');
    expect(await run('AnchorTrace', first)).to.equal('EXISTS');
    const second = { ...trace(1, 2, traceChain(first)), first: 3 };
    expect(await run('AnchorTrace', { ...second, first: 4 })).to.equal('TRACE_ORDER');
    expect(await run('AnchorTrace', { ...second, previous: emptyChain() })).to.equal('TRACE_ORDER');
    c.clock -= 100;
    expect(await run('AnchorTrace', second)).to.equal('TIME_BACKWARDS');
    c.clock += 100;
    expect(await run('AnchorTrace', second)).to.equal('OK');
  });

  it('is all that a regulator may write', async () => {
    const { client } = c.parties.REG;
    const anchored = await c.run(client, 'zl-reg', 'AnchorTrace', trace(0, 1, emptyChain()));
    expect(codeOf(anchored)).to.equal('OK');
    const request = { uscc: GUANGDONG, epoch: 1, instance: 'x' };
    const opened = await c.run(client, 'zl-reg', 'OpenEpoch', request);
    expect(codeOf(opened)).to.equal('ACCESS_DENIED');
  });
});

function trace(n: number, count: number, previous: Uint8Array) {
  return { instance: 'gd-1', n, first: 0, count, root: new Uint8Array(32).fill(n), previous };
}
