// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { expect } from 'chai';
import { fromPem, parseCertificate, verifyIssued } from '@zhenglian/core/x509';
import { ensureMember, ensureRoot } from '../../network/embedded/identities.ts';
import { createSigner, publicKeyOf, verifySignature } from '../../network/identity.ts';
import { temporaryFolder } from '../support/embedded-network.ts';

describe('identities', () => {
  let folder: string;
  const now = Date.now();

  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('stand under their root with the role as unit, for OpenSSL too', async () => {
    const root = await ensureRoot(folder, 'P44', now);
    const client = { role: 'client', name: 'gateway-1' } as const;
    for (const member of [{ role: 'peer' }, { role: 'admin' }, client] as const) {
      const { certificatePem, keyPem } = await ensureMember(folder, 'P44', member, now);
      const der = fromPem(certificatePem);
      expect(verifyIssued(der, fromPem(root.certificatePem))).to.equal(true);
      expect(parseCertificate(der).subject.organisationalUnits).to.eql([member.role]);
      const oracle = new X509Certificate(certificatePem);
      const issuer = new X509Certificate(root.certificatePem);
      expect(oracle.checkIssued(issuer) && oracle.verify(issuer.publicKey)).to.equal(true);
      const message = Buffer.from('message');
      const signature = createSigner(keyPem)(message);
      expect(verifySignature(publicKeyOf(certificatePem), message, signature)).to.equal(true);
    }
  });

  it('are made once, even by many at the same time', async () => {
    const make = () => ensureMember(folder, 'P33', { role: 'client', name: 'same' }, now);
    const made = await Promise.all(Array.from({ length: 8 }, make));
    expect(new Set(made.map(({ keyPem }) => keyPem)).size).to.equal(1);
    expect(await make()).to.eql(made[0]);
    const root = await ensureRoot(folder, 'P33', now);
    expect(
      verifyIssued(fromPem(made[0]?.certificatePem ?? ''), fromPem(root.certificatePem)),
    ).to.equal(true);
  });

  it('have no names that lead out of their folder', async () => {
    for (const name of ['../x', '', 'A', 'a/b']) {
      const error: unknown = await ensureMember(folder, 'P44', { role: 'client', name }, now).catch(
        (reason: unknown) => reason,
      );
      expect(error).to.be.instanceOf(TypeError);
    }
  });

  it('LEDGER_REFUSED: keys that are none or on another curve', () => {
    expect(() => createSigner('none')).to.throw('LEDGER_REFUSED');
    expect(() => publicKeyOf('none')).to.throw('LEDGER_REFUSED');
  });
});
