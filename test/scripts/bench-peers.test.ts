// SPDX-License-Identifier: Apache-2.0
// What the benchmarks measure beside ours does what it is measured for: the DCC container reads what it wrote and
// refuses what is not genuine; sm-crypto and ours read each other's signatures.
import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import { sm2 } from '@zhenglian/guomi';
import * as core from '@zhenglian/core/base45';
import { fromHex, toHex } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import type { CborInput } from '@zhenglian/core/cbor';
import { decodeBase45, encodeBase45 } from '../../scripts/bench/peers/base45.ts';
import { issueDcc, parseDcc, verifyDcc } from '../../scripts/bench/peers/dcc.ts';
import { arePeersInstalled } from '../../scripts/bench/peers/install.ts';
import { createSdJwtPeer } from '../../scripts/bench/peers/sd-jwt.ts';
import { createSmCryptoPeer } from '../../scripts/bench/peers/sm-crypto.ts';

const codec = {
  encode: (value: unknown) => encodeCbor(value as CborInput),
  decode: (bytes: Uint8Array): unknown => decodeCbor(bytes),
};
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = { kid: new Uint8Array(8).fill(1), privateKey };
const keys = new Map([['01'.repeat(8), publicKey]]);
const licence = {
  type: 'driving',
  fields: { name: '张三丰', classes: 'C1', validTo: '长期' },
  issuedAt: 1_767_240_000,
  expiresAt: 1_798_776_000,
};
const NOW = licence.issuedAt + 5;

describe('scripts/bench peers', () => {
  it('reads the certificate it wrote', () => {
    const text = issueDcc(codec, key, licence);
    expect(text).to.match(/^HC1:6B[0-9A-Z $%*+\-./:]+$/); // zlib, then base45: HC1:6B is how they all begin
    const { fields, expiresAt } = verifyDcc(codec, keys, text, NOW);
    expect([...fields.values()]).to.eql(['张三丰', 'C1', '长期']);
    expect(expiresAt).to.equal(licence.expiresAt);
    expect([...parseDcc(codec, text).fields.keys()]).to.eql(['aa', 'ab', 'ac']);
  });

  it('refuses a certificate that is altered, of another key, or has run out', () => {
    const text = issueDcc(codec, key, licence);
    const another = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const verify =
      (keyRing: typeof keys, now: number, shown = text) =>
      () =>
        verifyDcc(codec, keyRing, shown, now);
    expect(verify(new Map(), NOW)).to.throw('an unknown key');
    expect(verify(new Map([['01'.repeat(8), another.publicKey]]), NOW)).to.throw('signature');
    expect(verify(keys, licence.expiresAt + 1)).to.throw('run out');
    expect(verify(keys, NOW, text.slice(4))).to.throw('HC1');
    expect(verify(keys, NOW, `${text.slice(0, -6)}000000`)).to.throw();
  });

  it('reads and writes base45 as the core does', () => {
    for (const hex of ['', '00', 'ff', 'ffff', '48656c6c6f2121', '626173652d3435']) {
      const bytes = fromHex(hex);
      const text = encodeBase45(bytes);
      expect(text).to.equal(core.encodeBase45(bytes));
      expect(toHex(decodeBase45(text))).to.equal(hex);
    }
    for (const bad of ['A', 'GGW', 'a0', '::', '0é']) {
      expect(() => decodeBase45(bad), bad).to.throw(RangeError);
    }
  });

  for (const library of ['sm-crypto', 'sm-crypto-v2'] as const) {
    it(`signs what ours verifies, with ${library}, and the other way round`, () => {
      const pair = sm2.generateKeyPair();
      const peer = createSmCryptoPeer(pair.secretKey, pair.publicKey, library);
      const message = new TextEncoder().encode('证照');
      const theirs = peer.sign(message);
      const ours = sm2.sign(message, pair.secretKey);
      expect(sm2.verify(fromHex(theirs), message, pair.publicKey)).to.equal(true);
      expect(peer.verify(message, toHex(ours))).to.equal(true);
      expect(peer.verify(message.slice(1), toHex(ours))).to.equal(false);
    });
  }

  it('shows and verifies an SD-JWT VC, where its library is installed', async function () {
    if (!arePeersInstalled()) this.skip();
    const peer = await createSdJwtPeer();
    const issued = await peer.issue(licence, true);
    const shown = await peer.present(issued, ['name'], true);
    const claims = await peer.verify(shown, NOW, true);
    expect(claims).to.include({ name: '张三丰' }).and.not.to.have.property('classes');
    const refused: unknown = await peer.verify(issued, NOW, true).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(Error);
  });
});
