// SPDX-License-Identifier: Apache-2.0
// What a client that was configured wrongly gets from real peers: a code, what to do, and nothing half done; a gateway's process ends before it makes a folder.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { isCodedError } from '@zhenglian/core/errors';
import { toHex } from '@zhenglian/core/bytes';
import { connectFabric } from '../../gateway/src/fabric-ledger.ts';
import { openFabric } from '../../gateway/src/fabric-connection.ts';
import { readMember } from '../../network/fabric/members.ts';
import { createSigner, serializeIdentity } from '../../network/identity.ts';
import { callArguments, createProposal, signProposal } from '../../network/proposal.ts';
import { issueUnder } from '../support/fabric-certificates.ts';
import { registerNetwork } from '../support/fabric-register.ts';
import { registerAnswer, registerCall as call } from '../support/register-calls.ts';
import type { Ledger } from '../../network/ledger.ts';
import type { FabricMember } from '../../network/fabric/members.ts';
import type { Layout } from '../../network/fabric/layout.ts';
import { programArguments } from '../../network/own-program.ts';

const GATEWAY = fileURLToPath(new URL('../../gateway/src/main.ts', import.meta.url));
const ENDED = { ca: 'ca', role: 'client', fromDay: -2, toDay: -1 } as const;

describe('fabric: a client that was configured wrongly', function () {
  this.timeout(600_000);
  let layout: Layout;
  let member: FabricMember;
  let folder: string;

  before(async () => {
    ({ layout } = await registerNetwork());
    member = readMember(layout, 'P44');
    folder = mkdtempSync(join(tmpdir(), 'zhenglian bad input '));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const told = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'it was accepted',
      (error: unknown) => (isCodedError(error) ? error.message : `no code: ${String(error)}`),
    );
  const withLedger = async (work: (ledger: Ledger) => Promise<void>) => {
    const ledger = await connectFabric(member);
    await work(ledger).finally(() => ledger.close());
  };

  it('a certificate of another organisation, without a role, with another key, that ended', async () => {
    const zhejiang = readMember(layout, 'P33');
    const { certificatePem, keyPem } = zhejiang;
    const noRole = await issueUnder(layout, 'P44', { ...ENDED, role: 'nothing', toDay: 1 });
    const ended = await issueUnder(layout, 'P44', ENDED);
    const endedTls = await issueUnder(layout, 'P44', { ...ENDED, ca: 'tlsca' });
    const tls = { tlsCertificatePem: endedTls.certificatePem, tlsKeyPem: endedTls.keyPem };
    const cases: readonly (readonly [Partial<FabricMember>, RegExp])[] = [
      [{ certificatePem, keyPem }, /certificate\.pem must be of the organisation MSP/],
      [noRole, /role client or admin/],
      [{ keyPem }, /key\.pem is not the key of certificate\.pem/],
      [ended, /certificate\.pem ended on .*: renew/],
      [tls, /tls-certificate\.pem ended on .*: renew/],
    ];
    for (const [change, words] of cases) {
      const refusal = await told(connectFabric({ ...member, ...change }));
      expect(refusal).to.match(/^LEDGER_REFUSED: /);
      expect(refusal).to.match(words);
    }
  });

  it('a certificate that ended is refused by the peer too, whatever a client thinks of the time', async () => {
    const ended = await issueUnder(layout, 'P44', ENDED);
    const connection = openFabric(member);
    const { bytes } = createProposal({
      ...{ channel: member.channel, chaincode: 'zl-p44', at: Date.now() },
      args: callArguments('Get', new Uint8Array(0)),
      creator: serializeIdentity('P44', ended.certificatePem),
      nonce: new Uint8Array(24),
    });
    const signed = signProposal(bytes, createSigner(ended.keyPem));
    const refusal = await told(connection.ask('P44', signed, Date.now() + 20_000));
    expect(refusal).to.match(/^LEDGER_REFUSED: .*identity expired.*renew certificate\.pem/);
    connection.close();
  });

  it('another channel, peers under wrong names, an orderer for a peer, nobody there', async () => {
    const peers = (change: (peer: FabricMember['peers'][number], i: number) => object) => ({
      peers: member.peers.map((peer, i) => ({ ...peer, ...change(peer, i) })),
    });
    const next = (i: number) => member.peers[(i + 1) % member.peers.length]?.msp ?? '';
    const orderer = `127.0.0.1:${String(layout.firstPort)}`;
    const cases: readonly (readonly [Partial<FabricMember>, RegExp])[] = [
      [{ channel: 'elsewhere' }, /^LEDGER_REFUSED: .*see CHANNEL and FABRIC_PEERS/],
      [
        peers((_, i) => ({ msp: next(i) })),
        /^LEDGER_REFUSED: the peer known as (?:P\d\d|REG)'s is /,
      ],
      [{ peers: member.peers.slice(1) }, /^LEDGER_REFUSED: no peer of P44 is known/],
      [peers(() => ({ address: orderer })), /^LEDGER_UNAVAILABLE: .*tlsRootPem in FABRIC_PEERS/s],
      [peers(() => ({ address: '127.0.0.1:9' })), /^LEDGER_UNAVAILABLE: .*nothing serves there/s],
    ];
    for (const [change, words] of cases) {
      expect(await told(connectFabric({ ...member, ...change }))).to.match(words);
    }
  });

  it('a chaincode that is not committed yet, asked and called; nothing of it is written', async () => {
    await withLedger(async (ledger) => {
      const before = await ledger.height();
      const question = call('zl-p11', 'Get', { key: 'a' });
      expect(await told(ledger.evaluate(question))).to.match(
        /^LEDGER_UNAVAILABLE: .*not committed on the channel, or this peer is not that far/,
      );
      expect(await told(ledger.submit(call('zl-p11', 'Put', { key: 'a', value: 1 })))).to.match(
        /^LEDGER_REFUSED: no chaincode zl-p11/,
      );
      const through = call('zl-p44', 'Ask', { chaincode: 'zl-p11', name: 'Get', key: 'a' });
      expect(await told(ledger.submit(through))).to.match(/^LEDGER_.*: .*zl-p11.*not committed/);
      expect(await ledger.height()).to.equal(before);
    });
  });

  it('one peer that is not what it is called is left out; the others carry the work', async () => {
    const peers = member.peers.map((peer) =>
      peer.msp === 'P33' ? { ...peer, address: member.peers[0]?.address ?? '' } : peer,
    );
    const ledger = await connectFabric({ ...member, peers });
    await ledger.submit(call('zl-p44', 'Put', { key: 'without P33', value: 7 }));
    const answer = await ledger.evaluate(call('zl-p44', 'Get', { key: 'without P33' }));
    expect(registerAnswer(answer)).to.equal(7);
    await ledger.close();
  });

  it('a gateway ends with 1, says why, and has made nothing', async () => {
    const ended = await issueUnder(layout, 'P44', ENDED);
    const cases = [
      [{ ...member, ...ended }, /LEDGER_REFUSED: certificate\.pem ended on/],
      [{ ...member, channel: 'elsewhere' }, /LEDGER_REFUSED: .*see CHANNEL and FABRIC_PEERS/],
    ] as const;
    for (const [each, words] of cases) {
      const { code, errors, dataDir } = await runGateway(each);
      expect(code, errors).to.equal(1);
      expect(errors).to.match(words);
      expect(existsSync(dataDir)).to.equal(false);
    }
  });

  async function runGateway(each: FabricMember) {
    const identity = join(folder, 'identity');
    const dataDir = join(folder, 'data');
    mkdirSync(identity, { recursive: true });
    const write = (name: string, text: string) => {
      writeFileSync(join(identity, name), text, { mode: 0o600 });
      return join(identity, name);
    };
    write('certificate.pem', each.certificatePem);
    write('key.pem', each.keyPem);
    write('tls-certificate.pem', each.tlsCertificatePem);
    write('tls-key.pem', each.tlsKeyPem);
    const env = {
      ...{ MSP: 'P44', NAME: 'Guangdong', DATA_DIR: dataDir, PORT: '0', LEDGER: 'fabric' },
      ...{ IDENTITY_DIR: identity, CHANNEL: each.channel, NETWORK_ID: 'ab'.repeat(32) },
      GENESIS_HASH: toHex(each.genesisHash),
      FABRIC_PEERS: write('peers.json', JSON.stringify(each.peers)),
      AUTHORITIES: write('authorities.json', '[]'),
      TOKENS: write('tokens.json', '{}'),
    };
    const child = spawn(process.execPath, programArguments(GATEWAY), {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (part: Buffer) => (errors += part.toString()));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, errors, dataDir };
  }
});
