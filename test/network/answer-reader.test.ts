// SPDX-License-Identifier: Apache-2.0
// Endorsements as a client uses them: one under a certificate that its organisation's root did not issue to a peer is left out, and another
// organisation is asked in its place.
import { expect } from 'chai';
import { endorserMsp } from '@zhenglian/core/cosigned-answer';
import { createAnswerReader } from '../../network/fabric/answer-reader.ts';
import { ProposalClient } from '../../network/proposal-client.ts';
import { openTransaction } from '../../network/transaction.ts';
import { emptyAnswer } from '../support/fake-peer.ts';
import { createTlsRoot } from '../support/tls-certificates.ts';
import { refused } from '../support/ledger-outcomes.ts';
import type { TlsPair, TlsRoot } from '../support/tls-certificates.ts';

const MSPS = ['P44', 'P33', 'P51', 'REG'];
const NOW = Date.parse('2030-01-01') / 1000;

describe('answers of peers under their organisations’ roots', () => {
  let roots: ReadonlyMap<string, TlsRoot>;
  let peers: ReadonlyMap<string, TlsPair>;
  let client: TlsPair;
  const rootsPem = () => new Map([...roots].map(([msp, { certificate }]) => [msp, certificate]));

  before(async () => {
    roots = new Map(await Promise.all(MSPS.map(async (m) => [m, await createTlsRoot()] as const)));
    const issue = async (msp: string, root: TlsRoot) =>
      [msp, await root.issue(`peer0.${msp}`, 'peer')] as const;
    peers = new Map(await Promise.all([...roots].map(([msp, root]) => issue(msp, root))));
    client = await createTlsRoot().then((root) => root.issue('client', 'client'));
  });

  /** A client of P44; the peer of an organisation signs with what is given for it. */
  const clientOf = (signers: ReadonlyMap<string, TlsPair>) => {
    const read = createAnswerReader(rootsPem());
    const asked: string[] = [];
    const own = { certificatePem: client.certificate, keyPem: client.key };
    const proposals = new ProposalClient({
      ...{ msp: 'P44', channel: 'zhenglian', ...own, msps: MSPS, tries: 2, pause: 0 },
      ask: (msp) => {
        asked.push(msp);
        const pair = signers.get(msp) ?? client;
        return new Promise((resolve) => resolve(read(msp, emptyAnswer(msp, pair), NOW)));
      },
    });
    return { proposals, asked };
  };
  const put = { chaincode: 'zl-p44', name: 'Put', request: new Uint8Array(0) };

  it('are used as they are while all is well, however often', async () => {
    const { proposals, asked } = clientOf(peers);
    await proposals.endorse(put);
    await proposals.endorse(put);
    expect(asked).to.eql(['P44', 'P33', 'P44', 'P33']);
  });

  it('are left out where the certificate is not the organisation’s, and another one is asked', async () => {
    const impostor = await createTlsRoot().then((root) => root.issue('peer0.P33', 'peer'));
    const noPeer = await roots.get('P33')?.issue('peer0.P33', 'client');
    for (const pair of [impostor, peers.get('P51') ?? impostor, noPeer ?? impostor]) {
      const { proposals, asked } = clientOf(new Map([...peers, ['P33', pair]]));
      const { envelope } = await proposals.endorse(put);
      const { endorsements } = openTransaction(envelope);
      expect(endorsements.map(({ endorser }) => endorserMsp(endorser))).to.eql(['P44', 'P51']);
      expect(asked).to.eql(['P44', 'P33', 'P51']);
    }
  });

  it('are told apart: a good certificate that was seen before does not cover another one', async () => {
    const read = createAnswerReader(rootsPem());
    const good = peers.get('P33') ?? client;
    read('P33', emptyAnswer('P33', good), NOW);
    const impostor = await createTlsRoot().then((root) => root.issue('peer0.P33', 'peer'));
    const code = 'LEDGER_REFUSED';
    const reads = (bytes: Uint8Array, msp = 'P33', at = NOW) =>
      refused(new Promise((resolve) => resolve(read(msp, bytes, at))), code);
    await reads(emptyAnswer('P33', impostor));
    await reads(emptyAnswer('P33', good), 'P33', Date.parse('2047-01-01') / 1000);
    await reads(emptyAnswer('P33', good), 'P51');
    await reads(emptyAnswer('P11', good), 'P11');
  });
});
