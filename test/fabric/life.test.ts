// SPDX-License-Identifier: Apache-2.0
// A whole life on real Fabric nodes with the product's own contracts: founded with Fabric's roots, accredited by votes, a key, a full batch,
// a status, answers co-signed and believed by core, a burn in flight; and the same network again after a stop.
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { anchorRoot } from '@zhenglian/core/anchor';
import { encodeCbor } from '@zhenglian/core/cbor';
import { batchPayload } from '@zhenglian/core/records/batch';
import { possessionPayload } from '@zhenglian/core/records/key';
import { commitment, emptyChain, statusPayload } from '@zhenglian/core/records/status';
import { asCbor } from '@zhenglian/core/shape';
import { signFor } from '@zhenglian/core/signing';
import { readEpochEvidence, readTrustBundle } from '@zhenglian/core/trust';
import { BUNDLES } from '../../network/bundles.ts';
import { ensureFounded } from '../../network/found.ts';
import { readFounders } from '../../network/fabric/members.ts';
import { enact, FOUNDING_TYPES } from '../../scripts/accredit.ts';
import { refused, take } from '../support/ledger-outcomes.ts';
import { authorityBody, GUANGDONG, testKey } from '../support/consortium.ts';
import { testLeaves } from '../support/consortium-requests.ts';
import { openFabricNetwork, openFabricSteps } from '../support/fabric-network.ts';
import type { CborInput } from '@zhenglian/core/cbor';
import type { Purpose } from '@zhenglian/core/signing';
import type { Call, Ledger } from '../../network/ledger.ts';
import type { FabricTestNetwork } from '../support/fabric-network.ts';

const BATCH = 2000;
const MVCC_READ_CONFLICT = 11;

describe('fabric: a whole life', function () {
  this.timeout(600_000);
  const key = testKey('fabric');
  let network: FabricTestNetwork;
  let ledgers: Ledger[];
  let guangdong: Ledger;
  let zhejiang: Ledger;
  let networkId: Uint8Array;

  before(async () => {
    network = await openFabricNetwork(BUNDLES);
    await connectAll();
  });
  after(async () => {
    await Promise.all(ledgers.map((ledger) => ledger.close()));
    await network.close();
  });

  async function connectAll(): Promise<void> {
    ledgers = await Promise.all(network.msps.map((msp) => network.connect(msp)));
    guangdong = ledgerOf('P44');
    zhejiang = ledgerOf('P33');
  }
  function ledgerOf(msp: string): Ledger {
    const found = ledgers.find((ledger) => ledger.msp === msp);
    if (!found) throw new Error(`no client of ${msp}`);
    return found;
  }
  const call = (chaincode: string, name: string, request: CborInput): Call => ({
    chaincode,
    name,
    request: encodeCbor(request),
  });
  const sign = (purpose: Purpose, payload: Uint8Array) =>
    signFor(key, { purpose, networkId, payload });
  const submitBatch = (n: number, first: number, leaves: Uint8Array): Call => {
    const count = leaves.length / 32;
    const list = Array.from({ length: count }, (_, i) => leaves.subarray(i * 32, i * 32 + 32));
    const place = { uscc: GUANGDONG, epoch: 1, n, first, count };
    const content = { ...place, root: anchorRoot(list), type: 'driving', kid: key.kid };
    const signature = sign('batch', batchPayload(content));
    return { ...call('zl-p44', 'SubmitBatch', { ...content, signature }), extra: [leaves] };
  };

  it("is founded once, with the roots and administrators of Fabric's own organisations", async () => {
    const founders = readFounders(network.layout);
    const administrator = await network.connect('P44', { role: 'administrator' });
    await refused(guangdong.evaluate(call('zl', 'TrustBundle', {})), 'NOT_FOUNDED');
    networkId = await ensureFounded(administrator, network.layout.definition, founders);
    expect(await ensureFounded(administrator, network.layout.definition, founders)).to.eql(
      networkId,
    );
    await administrator.close();
  });

  it('accepts types and an authority by vote, and no less than the threshold', async () => {
    const [driving] = FOUNDING_TYPES.filter(({ code }) => code === 'driving');
    const voters = [guangdong, zhejiang, ledgerOf('REG')];
    if (!driving) throw new Error('no type');
    await refused(
      enact(voters.slice(0, 2), 'type', { definition: asCbor(driving) }),
      'THRESHOLD_NOT_REACHED',
    );
    await enact(voters, 'type', { definition: asCbor(driving) });
    await enact(voters, 'authority', authorityBody('P44', GUANGDONG));
  });

  it("registers a key with its province's word only", async () => {
    const now = Math.floor(Date.now() / 1000);
    const possession = sign('possession', possessionPayload('P44', GUANGDONG, key.publicKey));
    const request = {
      uscc: GUANGDONG,
      publicKey: key.publicKey,
      types: ['driving'],
      notBefore: now - 86_400,
      notAfter: now + 86_400,
      possession,
    };
    await refused(zhejiang.submit(call('zl', 'RegisterKey', request)), 'SIGNATURE_INVALID');
    await guangdong.submit(call('zl', 'RegisterKey', request));
  });

  it('anchors a batch of 2,000, its leaves in the block of every peer', async () => {
    const opening = { uscc: GUANGDONG, epoch: 1, instance: 'gd-1' };
    await refused(zhejiang.submit(call('zl-p44', 'OpenEpoch', opening)), 'ACCESS_DENIED');
    await guangdong.submit(call('zl-p44', 'OpenEpoch', opening));
    const leaves = testLeaves(BATCH);
    const { blockNumber } = await guangdong.submit(submitBatch(0, 0, leaves));
    const [block] = await take(zhejiang, blockNumber, 1);
    const [transaction] = block?.transactions ?? [];
    expect(transaction).to.include({ chaincode: 'zl-p44', name: 'SubmitBatch', code: 0 });
    expect(Buffer.from(transaction?.args[1] ?? [])).to.eql(Buffer.from(leaves));
  });

  it('revokes a licence', async () => {
    const content = {
      uscc: GUANGDONG,
      epoch: 1,
      n: 0,
      index: 7,
      state: 'revoked' as const,
      class: 'administrative' as const,
      commitment: commitment(new Uint8Array(16), 'reason', 'basis'),
      time: Math.floor(Date.now() / 1000) - 1,
      seq: 1,
      kid: key.kid,
    };
    const signature = sign('status', statusPayload(content, emptyChain()));
    await guangdong.submit(
      call('zl-p44', 'SetStatuses', { changes: [asCbor({ ...content, signature })] }),
    );
  });

  it('gives another province a co-signed bundle and evidence that core believes', async () => {
    const nonce = new Uint8Array(randomBytes(16));
    const pin = { networkId, nonce };
    const bundle = await zhejiang.evaluateCosigned(call('zl', 'TrustBundle', { nonce }));
    const trust = readTrustBundle(bundle, pin);
    expect(trust.current).to.equal(true);
    expect([...trust.msps].sort()).to.eql([...network.msps].sort());
    const asked = { uscc: GUANGDONG, epoch: 1 };
    const question = call('zl-p44', 'EpochEvidence', { ...asked, nonce });
    const answer = await zhejiang.evaluateCosigned(question, ['P33', 'P51', 'REG']);
    const { evidence, msps } = readEpochEvidence(answer, trust, asked, pin);
    expect([...msps].sort()).to.eql(['P33', 'P51', 'REG']);
    expect(evidence.covered).to.equal(BATCH);
    expect(evidence.statuses.map(({ index, state }) => [index, state])).to.eql([[7, 'revoked']]);
  });

  it('is the same network after all of it was stopped and started', async () => {
    const height = await guangdong.height();
    await Promise.all(ledgers.map((ledger) => ledger.close()));
    await network.down();
    await network.up();
    await connectAll();
    expect(await guangdong.height()).to.be.at.least(height);
    await guangdong.submit(submitBatch(1, BATCH, testLeaves(10, 'after')));
  });

  it('a burn in flight invalidates the batch that was endorsed before it: 11', async () => {
    const steps = openFabricSteps(network.layout, 'P44');
    const next = submitBatch(2, BATCH + 10, testLeaves(20, 'late'));
    let inFlight = await steps.endorse(next, ['P44', 'P33']);
    // A peer that is a block behind refuses.
    while (inFlight.endorsements.length < 2) inFlight = await steps.endorse(next, ['P44', 'P33']);
    const lastGood = new Map([[1, BATCH + 9]]);
    await guangdong.submit(call('zl', 'BurnKey', { kid: key.kid, lastGood }));
    expect(await steps.commit(inFlight)).to.equal(MVCC_READ_CONFLICT);
    await refused(guangdong.submit(next), 'KEY_BURNED');
    steps.close();
  });
});
