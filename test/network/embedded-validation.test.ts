// SPDX-License-Identifier: Apache-2.0
// What peers refuse before they ask a contract, and what organisations refuse at commit, step by bent step.
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { CODE } from '../../network/embedded/validation.ts';
import { createSigner, serializeIdentity } from '../../network/identity.ts';
import { ensureMember } from '../../network/embedded/identities.ts';
import { askPeer } from '../../network/embedded/ledger-socket.ts';
import { encodeEnvelope, signProposal } from '../../network/proposal.ts';
import { createOrganisation } from '../support/organisation.ts';
import { refused, take } from '../support/ledger-outcomes.ts';
import { openTestNetwork } from '../support/embedded-network.ts';
import { openRawClient } from '../support/raw-client.ts';
import { registerAnswer, registerCall as call } from '../support/register-calls.ts';
import type { TestNetwork } from '../support/embedded-network.ts';
import type { RawClient } from '../support/raw-client.ts';

const put = (key: string, value = 1, chaincode = 'zl') => call(chaincode, 'Put', { key, value });
const MAJORITY = ['P44', 'P33'];

describe('embedded ledger: what is refused', () => {
  let network: TestNetwork;
  let client: RawClient;

  before(async () => {
    network = await openTestNetwork();
    client = await openRawClient(network, 'P44');
  });
  after(() => network.close());

  const held = async (key: string) => {
    const ledger = await network.connect('REG');
    return registerAnswer(await ledger.evaluate(call('zl', 'Get', { key })));
  };

  describe('by a peer, before the contract is asked', () => {
    it('a proposal stamped more than two minutes off, either way', async () => {
      for (const seconds of [-125, 125]) {
        const late = client.propose(put('late'), { at: Date.now() + seconds * 1000 });
        await refused(client.ask(late, 'P44'), 'LEDGER_REFUSED');
      }
      const inTime = client.propose(put('late'), { at: Date.now() - 110_000 });
      expect((await client.ask(inTime, 'P44')).status).to.equal(200);
    });

    it('another channel', async () => {
      await refused(
        client.ask(client.propose(put('x'), { channel: 'other' }), 'P44'),
        'LEDGER_REFUSED',
      );
    });

    it('a signature by somebody else', async () => {
      const other = await openRawClient(network, 'P33');
      const stolen = signProposal(client.propose(put('x')).bytes, other.sign);
      await refused(askPeer(network.url, 'P44', stolen, 5000), 'LEDGER_REFUSED');
    });

    it('a stranger, and a stranger in the name of a member', async () => {
      const stranger = await (await createOrganisation('P44')).member('client');
      const creator = serializeIdentity('P44', stranger.certificatePem);
      const bytes = client.propose(put('x'), { creator }).bytes;
      const signed = signProposal(bytes, stranger.sign);
      await refused(askPeer(network.url, 'P44', signed, 5000), 'LEDGER_REFUSED');
    });

    it('a transaction that is in the chain already', async () => {
      const endorsed = await client.endorse(put('once'), MAJORITY);
      expect(await client.commit(endorsed)).to.equal(CODE.valid);
      await refused(client.ask(endorsed.proposal, 'P44'), 'LEDGER_REFUSED');
    });

    it('bytes that are no proposal', async () => {
      for (const bytes of [new Uint8Array(0), randomBytes(100), new Uint8Array(1000).fill(10)]) {
        await refused(askPeer(network.url, 'P44', bytes, 5000), 'LEDGER_REFUSED');
      }
    });

    it('private data', async () => {
      const answer = await client.ask(client.propose(call('zl', 'Private')), 'P44');
      expect(answer.status).to.equal(500);
      expect(answer.message).to.contain('LEDGER_REFUSED');
      expect(answer.endorsement).to.equal(undefined);
    });
  });

  describe('at commit', () => {
    it('the second of two proposals on one key: 11', async () => {
      const add = call('zl', 'Add', { key: 'raced', value: 1 });
      const first = await client.endorse(add, MAJORITY);
      const second = await client.endorse(add, MAJORITY);
      expect([await client.commit(first), await client.commit(second)]).to.eql([
        CODE.valid,
        CODE.mvccReadConflict,
      ]);
      expect(await held('raced')).to.equal(1);
    });

    it('one of two in the same block: 11', async () => {
      const add = call('zl', 'Add', { key: 'raced-2', value: 1 });
      const both = [await client.endorse(add, MAJORITY), await client.endorse(add, MAJORITY)];
      const codes = await Promise.all(both.map((one) => client.commit(one)));
      expect(codes.sort((a, b) => Number(a) - Number(b))).to.eql([
        CODE.valid,
        CODE.mvccReadConflict,
      ]);
    });

    for (const size of [3, 180]) {
      it(`a range of ${String(size)} keys into which another key came, or from which one went: 12`, async () => {
        const prefix = `range${String(size)}`;
        const range = { start: `${prefix}/`, end: `${prefix}0`, into: `${prefix}-sum` };
        const ledger = await network.connect('P44');
        const keys = Array.from({ length: size }, (_, i) => `${prefix}/${String(1000 + i)}`);
        await Promise.all(keys.map((key) => ledger.submit(put(key))));
        const sum = () => client.endorse(call('zl', 'WriteSum', range), MAJORITY);

        const undisturbed = await sum();
        expect(await client.commit(undisturbed)).to.equal(CODE.valid);
        const beforeInsert = await sum();
        await ledger.submit(put(`${prefix}/1001x`));
        expect(await client.commit(beforeInsert)).to.equal(CODE.phantomReadConflict);
        const beforeRemove = await sum();
        await ledger.submit(call('zl', 'Remove', { key: `${prefix}/1002` }));
        expect(await client.commit(beforeRemove)).to.equal(CODE.phantomReadConflict);
        const beforeChange = await sum();
        await ledger.submit(put(`${prefix}/1000`, 7));
        expect(await client.commit(beforeChange)).to.equal(CODE.phantomReadConflict);
        const outside = await sum();
        await ledger.submit(put(`${prefix}0`, 7));
        expect(await client.commit(outside)).to.equal(CODE.valid);
      });
    }

    it('a phantom from the same block: 12', async () => {
      const range = { start: 'same/', end: 'same0', into: 'same-sum' };
      const insert = await client.endorse(put('same/1'), MAJORITY);
      const sum = await client.endorse(call('zl', 'WriteSum', range), MAJORITY);
      const codes = await Promise.all([client.commit(insert), client.commit(sum)]);
      expect(codes).to.eql([CODE.valid, CODE.phantomReadConflict]);
    });

    it('a range left early does not mind what came behind its last key', async () => {
      const ledger = await network.connect('P44');
      for (const key of ['early/1', 'early/2', 'early/3']) await ledger.submit(put(key));
      const range = { start: 'early/', end: 'early0', limit: 2, into: 'early-sum' };
      const behind = await client.endorse(call('zl', 'WriteSum', range), MAJORITY);
      await ledger.submit(put('early/4'));
      expect(await client.commit(behind)).to.equal(CODE.valid);
      const within = await client.endorse(call('zl', 'WriteSum', range), MAJORITY);
      await ledger.submit(put('early/1x'));
      expect(await client.commit(within)).to.equal(CODE.phantomReadConflict);
    });

    it('too few endorsers for the policy: 10', async () => {
      const cases: [string, string[], number][] = [
        ['zl', ['P44'], CODE.endorsementPolicyFailure],
        ['zl', ['P44', 'P44'], CODE.endorsementPolicyFailure],
        ['zl', ['P33', 'REG'], CODE.valid],
        ['zl-p44', ['P44'], CODE.endorsementPolicyFailure],
        ['zl-p44', ['P33', 'REG'], CODE.endorsementPolicyFailure],
        ['zl-p44', ['P44', 'REG'], CODE.valid],
        ['zl-reg', ['P44', 'P33'], CODE.endorsementPolicyFailure],
      ];
      for (const [chaincode, peers, code] of cases) {
        const key = `policy/${peers.join('-')}`;
        const endorsed = await client.endorse(put(key, 1, chaincode), peers);
        expect(await client.commit(endorsed), `${chaincode} by ${peers.join()}`).to.equal(code);
      }
    });

    it('two strangers writing a province’s records through another chaincode: 10', async () => {
      const through = call('zl-p33', 'Ask', { chaincode: 'zl-p44', name: 'Put', key: 'theft' });
      const endorsed = await client.endorse(through, ['P33', 'REG']);
      expect(await client.commit(endorsed)).to.equal(CODE.endorsementPolicyFailure);
    });

    it('an endorsement by a client, or tampered with: 10', async () => {
      const endorsed = await client.endorse(put('forged'), MAJORITY);
      const [first, second] = endorsed.endorsements;
      if (!first || !second) throw new Error('not endorsed');
      const signature = Uint8Array.from(second.signature);
      signature[10] = (signature[10] ?? 0) ^ 1;
      const tampered = { ...endorsed, endorsements: [first, { ...second, signature }] };
      expect(await client.commit(tampered)).to.equal(CODE.endorsementPolicyFailure);
      const again = await client.endorse(put('forged'), ['P33']);
      const payload = Buffer.concat([again.payload, client.creator]);
      const own = { endorser: client.creator, signature: client.sign(payload) };
      const mixed = { ...again, endorsements: [...again.endorsements, own] };
      expect(await client.commit(mixed)).to.equal(CODE.endorsementPolicyFailure);
      expect(await held('forged')).to.equal(0);
    });

    it('endorsements of another payload, or of another proposal', async () => {
      const one = await client.endorse(put('swap', 1), MAJORITY);
      const two = await client.endorse(put('swap', 2), MAJORITY);
      const crossed = { ...one, endorsements: two.endorsements };
      expect(await client.commit(crossed)).to.equal(CODE.endorsementPolicyFailure);
      const third = await client.endorse(put('swap', 3), MAJORITY);
      const moved = { ...third, payload: two.payload, endorsements: two.endorsements };
      expect(await client.commit(moved)).to.equal(CODE.invalidTransaction);
      expect(await held('swap')).to.equal(0);
    });

    it('the same transaction again: 9, and the first keeps its place', async () => {
      const endorsed = await client.endorse(put('twice'), MAJORITY);
      expect(await client.commit(endorsed)).to.equal(CODE.valid);
      const ledger = await network.connect('P44');
      const from = await ledger.height();
      await client.send(client.envelope(endorsed));
      const [block] = await take(ledger, from, 1);
      expect(block?.transactions.map(({ code }) => code)).to.eql([CODE.duplicateTransactionId]);
      expect((await ledger.status(endorsed.proposal.transactionId))?.code).to.equal(CODE.valid);
    });
  });

  describe('by the order', () => {
    it('an envelope nobody signed, somebody else signed, or that is none', async () => {
      const endorsed = await client.endorse(put('unsigned'), MAJORITY);
      const height = network.process.height;
      const other = createSigner(
        (await ensureMember(network.dataDir, 'REG', { role: 'admin' }, 0)).keyPem,
      );
      const payload = client.envelope(endorsed).slice(0, -80);
      for (const bytes of [
        encodeEnvelope(payload, new Uint8Array(0)),
        encodeEnvelope(payload, other(payload)),
        randomBytes(50),
        new Uint8Array(0),
      ]) {
        await refused(client.send(bytes), 'LEDGER_REFUSED');
      }
      expect(network.process.height).to.equal(height);
    });

    it('a body over the limit, without harm', async () => {
      await refused(client.send(new Uint8Array(17 << 20)), 'LEDGER_REFUSED');
      expect(await client.commit(await client.endorse(put('after'), MAJORITY))).to.equal(
        CODE.valid,
      );
    });
  });

  it('a page of a browser is turned away', async () => {
    const response = await fetch(`${network.url}/health`, {
      headers: { origin: 'http://evil.example' },
    });
    expect(response.status).to.equal(400);
  });
});
