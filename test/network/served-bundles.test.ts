// SPDX-License-Identifier: Apache-2.0
// The built bundles as Fabric's peers meet them: hosts of network/fabric, fabric-shim's server, gRPC under mutual TLS, Fabric's messages.
// The peer is a small one of the tests; no program of Fabric is needed.
import { expect } from 'chai';
import { concat } from '@zhenglian/core/bytes';
import { decodeCbor } from '@zhenglian/core/cbor';
import { recordKey } from '@zhenglian/core/records/record-key';
import { BUNDLES } from '../../network/bundles.ts';
import {
  codeOf,
  createConsortium,
  createWorkingConsortium,
  found,
  foundRequest,
  GUANGDONG,
  keyRequest,
  testKey,
} from '../support/consortium.ts';
import { batchRequest, testLeaves } from '../support/consortium-requests.ts';
import { answerOf, dumpAll, readLife } from '../support/ledger-life.ts';
import { serveBundles } from '../support/served-bundles.ts';
import { openSmallLedger } from '../support/small-ledger.ts';
import { dialHost, TYPE } from '../support/small-peer.ts';
import type { Consortium } from '../support/consortium.ts';
import type { ServedBundles } from '../support/served-bundles.ts';
import type { SmallLedger } from '../support/small-ledger.ts';
import type { ChaincodeChat } from '../support/small-peer.ts';

/** grpc-js stops at 4 MiB by itself; a peer sends the leaves twice, as arguments and in the signed proposal. */
const GRPC_LIMIT = 4 << 20;
const LARGEST_BATCH = 10_000;

describe('network: served bundles', function () {
  this.timeout(120_000);
  let served: ServedBundles;
  let chats: ChaincodeChat[];

  before(async () => {
    process.env['CORE_CHAINCODE_LOGGING_LEVEL'] ??= 'CRITICAL';
    served = await serveBundles(BUNDLES);
    const { consortium, organisation } = served.connections;
    chats = [await dialHost(consortium), await dialHost(organisation)];
  });
  after(async () => {
    for (const chat of chats) chat.close();
    await served.close();
  });

  const openLedger = (): SmallLedger => {
    const [zl, province] = chats;
    if (!zl || !province) throw new Error('no chats');
    return openSmallLedger(zl, province);
  };
  const openEpoch = (c: Consortium) =>
    c.submit(c.parties.P44.client, 'zl-p44', 'OpenEpoch', {
      ...{ uscc: GUANGDONG, epoch: 1, instance: 'gd-1' },
    });

  it('register under the package ids that organisations approve', () => {
    const { consortium, organisation } = served.packages;
    expect(chats.map(({ packageId }) => packageId)).to.eql([consortium.id, organisation.id]);
  });

  it('found the consortium, once, and register a key, once', async () => {
    const c = await createConsortium(openLedger());
    const { P44 } = c.parties;
    const early = await c.run(
      P44.client,
      'zl',
      'RegisterKey',
      keyRequest(c, 'P44', GUANGDONG, 'gd'),
    );
    expect(codeOf(early)).to.equal('NOT_FOUNDED');
    await found(c);
    const again = await c.run(P44.admin, 'zl', 'Found', foundRequest(c));
    expect(codeOf(again)).to.equal('ALREADY_FOUNDED');

    const working = await createWorkingConsortium(openLedger());
    const key = recordKey.key(testKey('gd').kid);
    expect(working.ledger.dump('zl').has(key)).to.equal(true);
    const twice = keyRequest(working, 'P44', GUANGDONG, 'gd');
    const result = await working.run(working.parties.P44.client, 'zl', 'RegisterKey', twice);
    expect(codeOf(result)).to.equal('KEY_EXISTS');
  });

  it('live the whole life of the vector: the same answers, the same bytes of state', async () => {
    const life = readLife();
    const ledger = openLedger();
    for (const step of life.steps) {
      const { chaincode, name, msp, at, leaves } = step;
      const call = {
        ...{ chaincode, name, at },
        by: { msp, certificatePem: life.certificates[step.certificate] ?? '' },
        request: decodeCbor(Buffer.from(step.request, 'hex')),
        ...(leaves !== undefined && { leaves: Buffer.from(leaves, 'hex') }),
      };
      const result = await (step.kind === 'question' ? ledger.evaluate(call) : ledger.submit(call));
      expect(codeOf(result), `${name} at ${String(at)}: ${result.message}`).to.equal(step.code);
      expect(answerOf(result), name).to.equal(step.answer);
    }
    expect(dumpAll(ledger)).to.deep.equal(life.state);
    // Ranges came in pages, and a province asked the consortium.
    for (const type of [TYPE.GET_STATE_BY_RANGE, TYPE.QUERY_STATE_NEXT, TYPE.INVOKE_CHAINCODE]) {
      expect(ledger.asked.get(type), String(type)).to.be.greaterThan(0);
    }
  });

  it('anchor the largest batch, and refuse with a code what is above the 4 MiB of gRPC', async () => {
    const ledger = openLedger();
    const c = await createWorkingConsortium(ledger);
    await openEpoch(c);
    const leaves = testLeaves(LARGEST_BATCH);
    const batch = batchRequest(c, leaves);
    const by = c.parties.P44.client;
    const huge = concat(...Array.from({ length: 8 }, () => leaves));
    const refusal = await c.run(by, 'zl-p44', 'SubmitBatch', batch, huge);
    expect(codeOf(refusal), refusal.message).to.equal('REQUEST_INVALID');
    expect(ledger.largest).to.be.greaterThan(GRPC_LIMIT);
    const result = await c.run(by, 'zl-p44', 'SubmitBatch', batch, leaves);
    expect(codeOf(result), result.message).to.equal('OK');
    // Its key is a read of this transaction: a burn in flight invalidates it.
    expect(result.reads).to.include(`zl ${recordKey.key(testKey('gd').kid)}`);
    expect([...result.writes.keys()]).to.eql([`zl-p44 ${recordKey.batch(GUANGDONG, 1, 0)}`]);
  });

  it('refuse with codes, and write nothing then', async () => {
    const c = await createWorkingConsortium(openLedger());
    const { P44, P33 } = c.parties;
    await openEpoch(c);
    const leaves = testLeaves(3);
    const good = batchRequest(c, leaves);
    const forged = batchRequest(c, leaves, {}, { forged: { first: 1 } });
    const cases = [
      [P33.client, 'zl-p44', 'SubmitBatch', good, 'ACCESS_DENIED'],
      [P44.peer, 'zl-p44', 'SubmitBatch', good, 'ACCESS_DENIED'],
      [P44.client, 'zl-p44', 'SubmitBatch', forged, 'SIGNATURE_INVALID'],
      [P44.client, 'zl-p44', 'SubmitBatch', batchRequest(c, leaves, { epoch: 9 }), 'EPOCH_UNKNOWN'],
      [P44.client, 'zl-p44', 'SubmitBatch', { uscc: GUANGDONG }, 'REQUEST_INVALID'],
      [P44.client, 'zl-p44', 'Nothing', {}, 'UNKNOWN_FUNCTION'],
      [P44.client, 'zl', 'Enact', { id: '00'.repeat(16) }, 'NOT_FOUND'],
    ] as const;
    for (const [by, chaincode, name, request, code] of cases) {
      const given = name === 'SubmitBatch' ? leaves : undefined;
      const result = await c.run(by, chaincode, name, request, given);
      expect(codeOf(result), `${name}: ${result.message}`).to.equal(code);
      expect(result.writes.size, name).to.equal(0);
    }
    const bare = await c.run(P44.client, 'zl-p44', 'SubmitBatch', good);
    expect(bare.status, 'leaves are missing').to.equal(500);
    await c.submit(P44.client, 'zl-p44', 'SubmitBatch', good, leaves);
  });

  it('keep transactions apart that run on one stream at a time', async () => {
    const c = await createWorkingConsortium(openLedger());
    const by = c.parties.P44.client;
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => {
        const nonce = new Uint8Array(16).fill(i);
        const request = { nonce };
        return c.ask(by, 'zl', 'TrustBundle', request);
      }),
    );
    const nonces = answers.map((answer) =>
      (answer as ReadonlyMap<string, Uint8Array>).get('nonce'),
    );
    expect(nonces.map((nonce) => nonce?.[0])).to.eql(answers.map((_, i) => i));
  });
});
