// SPDX-License-Identifier: Apache-2.0
// What real peers refuse: strangers writing a province's records, one organisation alone, old proposals, the same transaction twice.
import { expect } from 'chai';
import { concat } from '@zhenglian/core/bytes';
import { createSigner, serializeIdentity } from '../../network/identity.ts';
import { peer } from '../../network/protos.ts';
import { resultsOf } from '../support/endorsed-envelope.ts';
import { openFabricSteps, readPeerIdentity } from '../support/fabric-network.ts';
import { registerNetwork } from '../support/fabric-register.ts';
import { registerAnswer, registerCall as call } from '../support/register-calls.ts';
import { refused, take } from '../support/ledger-outcomes.ts';
import type { Ledger } from '../../network/ledger.ts';

/** What an endorser signs, with other results in it. */
function withResults(payload: Uint8Array, results: Uint8Array): Uint8Array {
  const answer = peer.ProposalResponsePayload.deserializeBinary(payload);
  const action = peer.ChaincodeAction.deserializeBinary(answer.getExtension_asU8());
  action.setResults(results);
  answer.setExtension$(action.serializeBinary());
  return answer.serializeBinary();
}

const VALID = 0;
const ENDORSEMENT_POLICY_FAILURE = 10;
const MVCC_READ_CONFLICT = 11;

describe('fabric: what is refused', function () {
  this.timeout(600_000);
  let guangdong: Ledger;
  let steps: ReturnType<typeof openFabricSteps>;

  before(async () => {
    const network = await registerNetwork();
    guangdong = await network.connect('P44');
    steps = openFabricSteps(network.layout, 'P44');
    await guangdong.submit(call('zl-p44', 'Put', { key: 'held', value: 5 }));
  });
  after(async () => {
    steps.close();
    await guangdong.close();
  });

  const held = async () =>
    registerAnswer(await guangdong.evaluate(call('zl-p44', 'Get', { key: 'held' })));
  const attempts: readonly (readonly [string, string, unknown])[] = [
    ['create', 'Put', { key: 'new', value: 1 }],
    ['change', 'Put', { key: 'held', value: 1 }],
    ['delete', 'Remove', { key: 'held' }],
  ];
  for (const [what, name, request] of attempts) {
    it(`two strangers together cannot ${what} a province's record: 10`, async () => {
      const endorsed = await steps.endorse(call('zl-p44', name, request), ['P33', 'P51']);
      expect(endorsed.endorsements).to.have.length(2);
      expect(await steps.commit(endorsed)).to.equal(ENDORSEMENT_POLICY_FAILURE);
      expect(await held()).to.equal(5);
    });
  }

  it('nor all three strangers, nor the province alone', async () => {
    for (const msps of [['P33', 'P51', 'REG'], ['P44']]) {
      const put = call('zl-p44', 'Put', { key: 'held', value: 1 });
      expect(await steps.commit(await steps.endorse(put, msps))).to.equal(
        ENDORSEMENT_POLICY_FAILURE,
      );
    }
    expect(await held()).to.equal(5);
  });

  it('two strangers do not write there through another chaincode either', async () => {
    const ask = call('zl-p33', 'Ask', { chaincode: 'zl-p44', name: 'Put', key: 'held' });
    const endorsed = await steps.endorse(ask, ['P33', 'P51']);
    expect(await steps.commit(endorsed)).to.equal(ENDORSEMENT_POLICY_FAILURE);
    expect(await held()).to.equal(5);
  });

  it('what one organisation alone writes to its own collection is valid for Fabric, and no reader takes it for a call', async () => {
    const { layout } = await registerNetwork();
    const stranger = openFabricSteps(layout, 'P33');
    try {
      const put = call('zl-p44', 'Put', { key: 'held', value: 1 });
      const { proposal, payload: honest } = await stranger.endorse(put, ['P33']);
      const sets = [{ namespace: 'zl-p44', collections: ['_implicit_org_P33'] }];
      const payload = withResults(honest, resultsOf(sets));
      const { certificatePem, keyPem } = readPeerIdentity(layout, 'P33');
      const endorser = serializeIdentity('P33', certificatePem);
      const signature = createSigner(keyPem)(concat(payload, endorser));
      const endorsements = [{ endorser, signature }];
      expect(await stranger.commit({ proposal, payload, endorsements })).to.equal(VALID);
      const blocks = await take(guangdong, 0, await guangdong.height());
      const seen = blocks.flatMap(({ transactions }) => transactions.map(({ id }) => id));
      expect(seen).not.to.include(proposal.transactionId);
      expect(await held()).to.equal(5);
    } finally {
      stranger.close();
    }
  });

  it('the consortium takes a majority: two of four are too few, three are enough', async () => {
    const put = call('zl', 'Put', { key: 'common', value: 3 });
    expect(await steps.commit(await steps.endorse(put, ['P44', 'P33']))).to.equal(
      ENDORSEMENT_POLICY_FAILURE,
    );
    expect(await steps.commit(await steps.endorse(put, ['P44', 'P33', 'REG']))).to.equal(VALID);
  });

  it('an endorsement that was held while its record changed: 11', async () => {
    const add = call('zl-p44', 'Add', { key: 'raced', value: 1 });
    const endorsed = await steps.endorse(add, ['P44', 'P33']);
    await guangdong.submit(add);
    expect(await steps.commit(endorsed)).to.equal(MVCC_READ_CONFLICT);
  });

  for (const [when, seconds] of [
    ['ten minutes ago', -600],
    ['ten minutes ahead', 600],
  ] as const) {
    it(`a proposal stamped ${when}`, async () => {
      const at = Date.now() + seconds * 1000;
      const proposal = steps.propose(call('zl-p44', 'Get', { key: 'held' }), { at });
      await refused(steps.ask(proposal, 'P44'), 'LEDGER_REFUSED');
    });
  }

  it('a proposal signed by nobody it names', async () => {
    const other = openFabricSteps((await registerNetwork()).layout, 'P33');
    const proposal = other.propose(call('zl-p44', 'Get', { key: 'held' }), {
      creator: steps.creator,
    });
    await refused(other.ask(proposal, 'P44'), 'LEDGER_REFUSED');
    other.close();
  });
});
