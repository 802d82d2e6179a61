// SPDX-License-Identifier: Apache-2.0
// What goes wrong between gateway and ledger: answers lost, ledger away, keys burned, stops half way. The ledger is
// real; a wrapper loses calls or answers.
import { expect } from 'chai';
import { encodeCbor } from '@zhenglian/core/cbor';
import { CodedError } from '@zhenglian/core/errors';
import { toHex } from '@zhenglian/core/bytes';
import type { Call } from '@zhenglian/network/ledger';
import { failingLedger } from './failing-ledger.ts';
import type { FailingLedger } from './failing-ledger.ts';
import { AUDIT } from './call-app.ts';
import {
  anchored,
  eventually,
  freshDriver,
  GUANGDONG,
  issueDriving,
  openTestGateway,
  startProvinces,
} from './support.ts';
import type { TestGateway, TestProvinces } from './support.ts';
import { carry, claimBody, claimCode, createHolder } from './wallet.ts';

const REVOKE = { state: 'revoked', class: 'administrative', reason: 'test', basis: 'art. 1' };

describe('gateway: recovery', function () {
  this.timeout(120_000);
  let provinces: TestProvinces;
  let ledger: FailingLedger;
  let under: TestGateway;

  before(async () => {
    provinces = await startProvinces();
    ledger = failingLedger(await provinces.connect('P44'));
    under = await openTestGateway(provinces, { ledger });
  });
  afterEach(() => {
    ledger.before = () => undefined;
    ledger.after = () => undefined;
    ledger.instead = () => undefined;
  });
  after(async () => {
    await under.stop();
    await provinces.close();
  });

  const issue = async () => {
    const fields = freshDriver();
    const { status, body } = await under.call('post', '/v1/licences', {
      body: { type: 'driving', fields },
    });
    expect(status).to.equal(202);
    return body.id as string;
  };
  const covered = async () => {
    const { replica } = under.gateway.context;
    let sum = 0;
    for (let epoch = 0; epoch < replica.counts().epochs; epoch += 1) {
      sum += (await replica.epochEvidence(GUANGDONG, epoch))?.evidence.covered ?? 0;
    }
    return sum;
  };
  const reopen = async () => {
    await under.stop({ keep: true });
    under = await openTestGateway(provinces, { ledger, dataDir: under.config.dataDir });
  };
  const once = (name: string, code: 'COMMIT_UNKNOWN' | 'LEDGER_UNAVAILABLE' | 'MVCC_CONFLICT') => {
    let isDone = false;
    return (call: Call) => {
      if (isDone || call.name !== name) return undefined;
      isDone = true;
      return new CodedError(code, 'as the test wants it');
    };
  };

  it('releases nothing on the word of a peer that ordered nothing', async () => {
    await issueDriving(under);
    const before = await covered();
    let lies = 0;
    ledger.instead = async (call) => {
      if (call.name !== 'SubmitBatch' || lies === 3) return undefined;
      lies += 1;
      const blockNumber = (await ledger.height()) - 1;
      return { transactionId: `lie ${String(lies)}`, blockNumber, result: new Uint8Array() };
    };
    const id = await issue();
    await eventually(async () => void expect(lies).to.equal(3));
    const { body } = await under.call('get', `/v1/licences/${id}`, AUDIT);
    expect(body.state).to.equal('queued');
    await anchored(under, id);
    expect(await covered()).to.equal(before + 1);
    expect(under.logs.join('')).to.match(/COMMIT_INVALID.*anchoring waits/);
  });

  it('releases nothing before a block that its replica does not have, and then all', async () => {
    let lies = 0;
    ledger.instead = async (call) => {
      if (call.name !== 'SubmitBatch' || lies === 1) return undefined;
      lies += 1;
      const blockNumber = (await ledger.height()) + 1;
      return { transactionId: 'not yet', blockNumber, result: new Uint8Array() };
    };
    const id = await issue();
    await new Promise((resolve) => setTimeout(resolve, 6000));
    const { body } = await under.call('get', `/v1/licences/${id}`, AUDIT);
    expect([lies, body.state]).to.eql([1, 'queued']);
    await reopen();
    await anchored(under, id);
  });

  it('anchors a batch once when the answer is lost', async () => {
    await issueDriving(under);
    const before = await covered();
    ledger.after = once('SubmitBatch', 'COMMIT_UNKNOWN');
    await anchored(under, await issue());
    expect(await covered()).to.equal(before + 1);
  });

  it('submits the same batch again when it never arrived, also after a restart', async () => {
    const before = await covered();
    ledger.before = ({ name }) =>
      name === 'SubmitBatch' ? new CodedError('LEDGER_UNAVAILABLE', 'away') : undefined;
    const id = await issue();
    await eventually(async () => {
      const [copy] = await under.gateway.context.desk.copies(id);
      expect(copy?.step).to.equal('signed');
    });
    await eventually(async () => {
      expect((await under.call('get', '/readyz', { as: 'nobody' })).body.reasons).to.include(
        'LEDGER_UNAVAILABLE',
      );
    });
    const [signed] = await under.gateway.context.desk.copies(id);
    await reopen();
    ledger.before = () => undefined;
    await anchored(under, id);
    const [copy] = await under.gateway.context.desk.copies(id);
    expect(copy?.place).to.deep.equal(signed?.place);
    expect(await covered()).to.equal(before + 1);
  });

  it('accepts while the ledger is away and anchors when it is back', async () => {
    ledger.before = () => new CodedError('LEDGER_UNAVAILABLE', 'away');
    const ids = [await issue(), await issue()];
    ledger.before = () => undefined;
    for (const id of ids) await anchored(under, id);
  });

  it('asks a wallet to come again while its copy waits, and then gives that copy', async () => {
    const code = await claimCode(under, await issueDriving(under));
    const holder = createHolder();
    const claim = () =>
      under.call('post', '/v1/claims', { as: 'nobody', body: claimBody(under, code, holder) });
    ledger.before = ({ name }) =>
      name === 'SubmitBatch' ? new CodedError('LEDGER_UNAVAILABLE', 'away') : undefined;
    const waiting = await claim();
    expect([waiting.status, waiting.body.code]).to.deep.equal([503, 'ANCHOR_WAIT']);
    ledger.before = () => undefined;
    const { copy } = carry(await claim(), holder);
    expect(copy.holderKey).to.deep.equal(holder.publicKey);
  });

  it('changes a status once when the answer is lost, and tries again on a conflict', async () => {
    const id = await issueDriving(under);
    ledger.after = once('SetStatuses', 'COMMIT_UNKNOWN');
    const path = `/v1/licences/${id}/status`;
    const suspended = await under.call('post', path, {
      body: { ...REVOKE, state: 'suspended' },
    });
    expect(suspended.status).to.equal(200);
    ledger.before = once('SetStatuses', 'MVCC_CONFLICT');
    const revoked = await under.call('post', path, { body: REVOKE });
    expect([revoked.status, revoked.body.state]).to.deep.equal([200, 'revoked']);
    const [copy] = await under.gateway.context.desk.copies(id);
    const { seq } = await under.gateway.context.replica.statusOf(
      GUANGDONG,
      copy?.place.epoch ?? 0,
      copy?.place.index ?? 0,
    );
    expect(seq).to.equal(2);
  });

  it('changes nothing when the ledger is away', async () => {
    const id = await issueDriving(under);
    ledger.before = () => new CodedError('LEDGER_UNAVAILABLE', 'away');
    const refused = await under.call('post', `/v1/licences/${id}/status`, { body: REVOKE });
    expect([refused.status, refused.body.code]).to.deep.equal([503, 'LEDGER_UNAVAILABLE']);
    ledger.before = () => undefined;
    await reopen();
    expect((await under.call('get', `/v1/licences/${id}`, AUDIT)).body.state).to.equal('valid');
  });

  it('completes an act whose outcome was never known, after a restart', async () => {
    const id = await issueDriving(under);
    ledger.before = ({ name }) =>
      name === 'SetStatuses' ? new CodedError('COMMIT_UNKNOWN', 'lost') : undefined;
    const unknown = await under.call('post', `/v1/licences/${id}/status`, { body: REVOKE });
    expect([unknown.status, unknown.body.code]).to.deep.equal([503, 'COMMIT_UNKNOWN']);
    const stopping = reopen();
    ledger.before = () => undefined;
    await stopping;
    await eventually(async () => {
      const { body } = await under.call('get', `/v1/licences/${id}`, AUDIT);
      expect(body.state).to.equal('revoked');
    });
  });

  it('never forgets an act that may have been committed, whatever the tries after it met', async () => {
    const id = await issueDriving(under);
    let isSent = false;
    ledger.after = ({ name }) => {
      if (name !== 'SetStatuses') return undefined;
      isSent = true;
      return new CodedError('COMMIT_UNKNOWN', 'lost');
    };
    ledger.before = ({ name }) =>
      isSent && name === 'Record' ? new CodedError('LEDGER_UNAVAILABLE', 'away') : undefined;
    const unknown = await under.call('post', `/v1/licences/${id}/status`, { body: REVOKE });
    expect([unknown.status, unknown.body.code]).to.deep.equal([503, 'COMMIT_UNKNOWN']);
    ledger.after = () => undefined;
    ledger.before = () => undefined;
    await eventually(async () => {
      const { body } = await under.call('get', `/v1/licences/${id}`, AUDIT);
      expect(body.state).to.equal('revoked');
    });
    const told = await under.gateway.context.trace.entriesOf([id]);
    expect(told.filter(({ entry }) => entry.kind === 'status')).to.have.length(1);
  });

  it('goes on with a new key when the old one is burned, and signs what was not anchored anew', async () => {
    await issueDriving(under);
    const { signers, replica } = under.gateway.context;
    const old = signers.forAuthority(GUANGDONG);
    expect(old).to.not.equal(undefined);
    if (old === undefined) return;
    ledger.before = ({ name }) =>
      name === 'SubmitBatch' ? new CodedError('LEDGER_UNAVAILABLE', 'away') : undefined;
    const id = await issue();
    await eventually(async () => {
      const [copy] = await under.gateway.context.desk.copies(id);
      expect(copy?.step).to.equal('signed');
    });
    const last = await covered();
    const request = encodeCbor({ kid: old.kid, lastGood: new Map([[0, last - 1]]) });
    const { blockNumber } = await ledger.submit({ chaincode: 'zl', name: 'BurnKey', request });
    await replica.waitForBlock(blockNumber);
    ledger.before = () => undefined;
    await anchored(under, id);
    const [copy] = await under.gateway.context.desk.copies(id);
    expect(toHex(copy?.place.kid ?? old.kid)).to.not.equal(toHex(old.kid));
    const bundle = await fetchKeys(under);
    expect(bundle).to.include(toHex(copy?.place.kid ?? old.kid));
    await issueDriving(under);
  });
});

async function fetchKeys(under: TestGateway): Promise<string[]> {
  let kids: string[] = [];
  await eventually(() => {
    const { keys } = under.gateway.context.replica.trustBundle().bundle;
    kids = keys.filter(({ burned }) => burned === undefined).map(({ kid }) => toHex(kid));
    expect(kids.length).to.be.greaterThan(0);
    return Promise.resolve();
  });
  return kids;
}
