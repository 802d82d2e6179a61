// SPDX-License-Identifier: Apache-2.0
// A gateway on Fabric that was configured wrongly: a coded error that names the file or setting and says what to do. What real peers answer is in test/fabric/bad-input.test.ts.
import { expect } from 'chai';
import { isCodedError } from '@zhenglian/core/errors';
import { connectFabric } from '../../gateway/src/fabric-ledger.ts';
import { requireUsable } from '../../gateway/src/fabric-member.ts';
import { explain } from '../../network/fabric/peer-words.ts';
import { emptyAnswer, startFakePeer } from '../support/fake-peer.ts';
import { registerCall } from '../support/register-calls.ts';
import { createTlsRoot } from '../support/tls-certificates.ts';
import type { FabricMember } from '../../network/fabric/members.ts';
import type { FakePeer } from '../support/fake-peer.ts';
import type { TlsPair, TlsRoot } from '../support/tls-certificates.ts';

describe('gateway: a member of Fabric that cannot be used', () => {
  let root: TlsRoot;
  let pair: TlsPair;
  let member: FabricMember;
  const now = Date.parse('2030-01-01');
  const open: FakePeer[] = [];

  before(async () => {
    root = await createTlsRoot();
    pair = await root.issue('localhost', 'peer');
    member = {
      ...{ msp: 'P44', channel: 'zhenglian', genesisHash: new Uint8Array(32) },
      ...{ certificatePem: pair.certificate, keyPem: pair.key },
      ...{ tlsCertificatePem: pair.certificate, tlsKeyPem: pair.key },
      peers: [at('127.0.0.1:9')],
    };
  });
  afterEach(() => {
    for (const each of open.splice(0)) each.close();
  });

  const refusal = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'it was accepted',
      (error: unknown) => (isCodedError(error) ? error.message : `no code: ${String(error)}`),
    );
  const serve = async (answer?: Uint8Array) => {
    const served = await startFakePeer(root, pair, answer);
    open.push(served);
    return served.address;
  };
  const at = (address: string, msp = 'P44') => {
    const { certificate } = root;
    return { msp, address, tlsRootPem: certificate, rootPem: certificate };
  };

  it('is told before anything is dialled, by the name of what is wrong', async () => {
    requireUsable(member, now);
    const { key: otherKey } = await root.issue('other');
    const noRoot = { ...at('127.0.0.1:9'), tlsRootPem: 'no certificate' };
    const cases: readonly (readonly [Partial<FabricMember>, number, RegExp])[] = [
      [{ certificatePem: 'x' }, now, /certificate\.pem is no readable certificate/],
      [{ keyPem: otherKey }, now, /key\.pem is not the key of certificate\.pem/],
      [{ keyPem: 'x' }, now, /key\.pem is not the key/],
      [{ tlsCertificatePem: 'x' }, now, /tls-certificate\.pem is no readable/],
      [{ tlsKeyPem: otherKey }, now, /tls-key\.pem is not the key of tls-certificate\.pem/],
      [{}, Date.parse('2050-01-01'), /certificate\.pem ended on .* renew/],
      [{}, Date.parse('2020-01-01'), /certificate\.pem begins on .* clock/],
      [{ peers: [] }, now, /no peer of P44 is known: FABRIC_PEERS/],
      [{ peers: [...member.peers, ...member.peers] }, now, /two peers of P44/],
      [{ peers: [noRoot] }, now, /tlsRootPem of P44 in FABRIC_PEERS/],
      [{ peers: [{ ...at(''), rootPem: 'none' }] }, now, /: rootPem of P44 in FABRIC_PEERS/],
    ];
    for (const [change, time, words] of cases) {
      expect(() => requireUsable({ ...member, ...change }, time))
        .to.throw(words)
        .with.property('code', 'LEDGER_REFUSED');
    }
    expect(await refusal(connectFabric({ ...member, keyPem: 'x' }))).to.match(/^LEDGER_REFUSED/);
  });

  it('LEDGER_UNAVAILABLE, and which setting, where nobody serves or another does', async () => {
    const stranger = await createTlsRoot();
    const address = await serve(emptyAnswer('P44', pair));
    const peers = (change: object) => ({ ...member, peers: [{ ...at(address), ...change }] });
    const cases = [
      [member, /nothing serves there: see address in FABRIC_PEERS/],
      [peers({ tlsRootPem: stranger.certificate }), /tlsRootPem in FABRIC_PEERS/],
      [peers({ serverName: 'elsewhere' }), /serverName in FABRIC_PEERS/],
    ] as const;
    for (const [each, words] of cases) {
      const told = await refusal(connectFabric(each));
      expect(told).to.match(/^LEDGER_UNAVAILABLE/);
      expect(told).to.match(words);
    }
  });

  it('LEDGER_REFUSED where another version or no peer answers, or the peer of another organisation', async () => {
    const { key: otherKey } = await root.issue('other');
    const cases = [
      [undefined, /no peer of Hyperledger Fabric 3\.1/],
      [Uint8Array.of(0xff, 0xff, 0xff), /no peer of Hyperledger Fabric 3\.1: see FABRIC_PEERS/],
      [emptyAnswer('P33', pair), /the peer known as P44's is P33's: see FABRIC_PEERS/],
      [emptyAnswer('P44', { ...pair, key: otherKey }), /the peer of P44 signs what does not hold/],
    ] as const;
    for (const [answer, words] of cases) {
      const peers = [at(await serve(answer))];
      const told = await refusal(connectFabric({ ...member, peers }));
      expect(told).to.match(/^LEDGER_REFUSED/);
      expect(told).to.match(words);
    }
  });

  it('LEDGER_REFUSED where a peer signs with a certificate that is not its organisation’s peer’s', async () => {
    const strangers = await createTlsRoot();
    const ended = new Date(Date.now() - 60_000);
    const pairs = [
      await strangers.issue('localhost', 'peer'), // the same names under a root of its own
      await root.issue('localhost', 'client'),
      await root.issue('localhost'),
      await root.issue('localhost', 'peer', ended),
      { ...pair, certificate: root.certificate },
      { ...pair, certificate: 'none' },
    ];
    for (const each of pairs) {
      const peers = [at(await serve(emptyAnswer('P44', each)))];
      const told = await refusal(connectFabric({ ...member, peers }));
      expect(told).to.match(/^LEDGER_REFUSED: the peer of P44 signs with a certificate that is no/);
      expect(told).to.match(/rootPem in FABRIC_PEERS/);
    }
  });

  it('LEDGER_REFUSED at once where a peer endorses and has no gateway service', async () => {
    const peers = [
      at(await serve(emptyAnswer('P44', pair))),
      at(await serve(emptyAnswer('P33', pair)), 'P33'),
    ];
    const ledger = await connectFabric({ ...member, peers });
    const put = registerCall('zl-p44', 'Put', { key: 'a', value: 1 });
    const told = await refusal(ledger.submit(put));
    expect(told).to.match(/^LEDGER_REFUSED: .*gateway service/s);
    await ledger.close();
  });

  it("adds what to do to a peer's words, and nothing to a contract's", () => {
    const words = [
      "channel 'x' not found",
      'proposal client identity expired',
      'access denied: channel [zhenglian] creator org [P44]',
      'access denied: channel [zhenglian] creator org unknown, creator is malformed',
      "chaincode definition for 'zl' exists, but chaincode is not installed",
      'chaincode zl-p11 not found',
      'alert certificate expired',
      'alert unknown ca',
    ];
    for (const each of words) expect(explain(each)).to.match(/^.+; .{20,}$/);
    for (const each of ['NOT_FOUND: chaincode x not found', 'something else']) {
      expect(explain(each)).to.equal(each);
    }
  });
});
