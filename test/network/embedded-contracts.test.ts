// SPDX-License-Identifier: Apache-2.0
// The product's own contracts on the real process: from the founding to a full batch, status changes side by side, and a burn in flight.
import { rm } from 'node:fs/promises';
import { expect } from 'chai';
import { anchorRoot } from '@zhenglian/core/anchor';
import { fromHex } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { verifyAnswer } from '@zhenglian/core/cosigned-answer';
import { batchPayload } from '@zhenglian/core/records/batch';
import { possessionPayload } from '@zhenglian/core/records/key';
import { commitment, emptyChain, statusPayload } from '@zhenglian/core/records/status';
import { asCbor } from '@zhenglian/core/shape';
import { signFor } from '@zhenglian/core/signing';
import { DRIVING } from '@zhenglian/core/types/driving';
import { connectEmbedded } from '../../network/embedded/client.ts';
import { startEmbedded } from '../../network/embedded/start.ts';
import { CODE } from '../../network/embedded/validation.ts';
import { authorityBody, GUANGDONG, testKey } from '../support/consortium.ts';
import { testLeaves } from '../support/consortium-requests.ts';
import { DEFINITION, readRoots, temporaryFolder } from '../support/embedded-network.ts';
import { openRawClient } from '../support/raw-client.ts';
import { refused, take } from '../support/ledger-outcomes.ts';
import type { CborInput } from '@zhenglian/core/cbor';
import type { Purpose } from '@zhenglian/core/signing';
import type { EmbeddedNetwork } from '../../network/embedded/start.ts';
import type { Call, Ledger } from '../../network/ledger.ts';

const BATCH = 10_000;
/** A transaction may carry 1,000; fewer keep the test short. */
const STATUSES = 150;

describe('embedded ledger with the contracts', function () {
  this.timeout(180_000);
  const key = testKey('embedded');
  let dataDir: string;
  let network: EmbeddedNetwork;
  let guangdong: Ledger;
  let zhejiang: Ledger;

  before(async () => {
    dataDir = await temporaryFolder();
    network = await startEmbedded({ dataDir, ...DEFINITION });
    guangdong = await connect('P44');
    zhejiang = await connect('P33');
  });
  after(async () => {
    await network.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function connect(msp: string): Promise<Ledger> {
    const identity = await network.identity(msp, 'gateway');
    return connectEmbedded({ url: network.url, channel: DEFINITION.channel, ...identity });
  }
  const call = (chaincode: string, name: string, request: CborInput): Call => ({
    chaincode,
    name,
    request: encodeCbor(request),
  });
  const sign = (purpose: Purpose, payload: Uint8Array) =>
    signFor(key, { purpose, networkId: fromHex(network.fingerprint), payload });
  const submitBatch = (n: number, first: number, leaves: Uint8Array): Call => {
    const count = leaves.length / 32;
    const list = Array.from({ length: count }, (_, i) => leaves.subarray(i * 32, i * 32 + 32));
    const root = anchorRoot(list);
    const content = {
      uscc: GUANGDONG,
      epoch: 1,
      n,
      first,
      count,
      root,
      type: 'driving',
      kid: key.kid,
    };
    const signature = sign('batch', batchPayload(content));
    return { ...call('zl-p44', 'SubmitBatch', { ...content, signature }), extra: [leaves] };
  };
  const setStatuses = (from: number, count: number): Call => {
    const time = Math.floor(Date.now() / 1000) - 1;
    const changes = Array.from({ length: count }, (_, i) => {
      const content = {
        uscc: GUANGDONG,
        epoch: 1,
        n: 0,
        index: from + i,
        state: 'revoked' as const,
        class: 'administrative' as const,
        commitment: commitment(new Uint8Array(16), 'reason', 'basis'),
        time,
        seq: 1,
        kid: key.kid,
      };
      return { ...content, signature: sign('status', statusPayload(content, emptyChain())) };
    });
    return call('zl-p44', 'SetStatuses', { changes: changes.map(asCbor) });
  };

  it('accredits an authority by vote and registers its key', async () => {
    const bodies: [string, CborInput][] = [
      ['type', { definition: asCbor(DRIVING) }],
      ['authority', authorityBody('P44', GUANGDONG)],
    ];
    for (const [i, [kind, body]] of bodies.entries()) {
      const nonce = new Uint8Array(16).fill(i + 1);
      const { result } = await guangdong.submit(call('zl', 'Propose', { kind, body, nonce }));
      const id = decodeCbor(result);
      if (typeof id !== 'string') throw new Error('no id');
      await guangdong.submit(call('zl', 'Vote', { id, approve: true }));
      await refused(guangdong.submit(call('zl', 'Enact', { id })), 'THRESHOLD_NOT_REACHED');
      await zhejiang.submit(call('zl', 'Vote', { id, approve: true }));
      await guangdong.submit(call('zl', 'Enact', { id }));
    }
    const now = Math.floor(Date.now() / 1000);
    const request = {
      uscc: GUANGDONG,
      publicKey: key.publicKey,
      types: ['driving'],
      notBefore: now - 86_400,
      notAfter: now + 86_400,
      possession: sign('possession', possessionPayload('P44', GUANGDONG, key.publicKey)),
    };
    await refused(zhejiang.submit(call('zl', 'RegisterKey', request)), 'SIGNATURE_INVALID');
    await guangdong.submit(call('zl', 'RegisterKey', request));
  });

  it('anchors a full batch, its leaves in the block', async () => {
    await guangdong.submit(
      call('zl-p44', 'OpenEpoch', { uscc: GUANGDONG, epoch: 1, instance: 'gd-1' }),
    );
    const leaves = testLeaves(BATCH);
    const { blockNumber } = await guangdong.submit(submitBatch(0, 0, leaves));
    const [block] = await take(zhejiang, blockNumber, 1);
    expect(block?.transactions[0]).to.include({
      chaincode: 'zl-p44',
      name: 'SubmitBatch',
      code: 0,
    });
    expect(Buffer.from(block?.transactions[0]?.args[1] ?? [])).to.eql(Buffer.from(leaves));
  });

  it('writes many statuses in one transaction; nothing conflicts with those beside them', async () => {
    const calls = [setStatuses(0, STATUSES), setStatuses(STATUSES, STATUSES)];
    await Promise.all(calls.map((one) => guangdong.submit(one)));
    const request = encodeCbor({ uscc: GUANGDONG, epoch: 1, nonce: new Uint8Array(16) });
    const question = { chaincode: 'zl-p44', name: 'EpochEvidence', request };
    const answer = await zhejiang.evaluateCosigned(question);
    const trust = { roots: await readRoots(dataDir), least: 3 };
    const { value } = verifyAnswer(answer, { channel: DEFINITION.channel, ...question }, trust);
    const evidence = decodeCbor(value);
    const statuses = evidence instanceof Map ? evidence.get('statuses') : undefined;
    expect(statuses).to.have.length(2 * STATUSES);
    // The ranges are summed up in hashes: the answer stays near the size of its value.
    expect(answer.payload.length).to.be.lessThan(2 * value.length + 20_000);
  });

  it('a burn invalidates the batch that was endorsed before it, and refuses the next', async () => {
    const client = await openRawClient({ dataDir, url: network.url }, 'P44');
    const inFlight = await client.endorse(submitBatch(1, BATCH, testLeaves(50)), ['P44', 'P33']);
    expect(inFlight.endorsements).to.have.length(2);
    const lastGood = new Map([[1, BATCH - 1]]);
    await guangdong.submit(call('zl', 'BurnKey', { kid: key.kid, lastGood }));
    expect(await client.commit(inFlight)).to.equal(CODE.mvccReadConflict);
    await refused(guangdong.submit(submitBatch(1, BATCH, testLeaves(50))), 'KEY_BURNED');
  });
});
