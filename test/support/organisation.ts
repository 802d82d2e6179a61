// SPDX-License-Identifier: Apache-2.0
// Organisations as Fabric knows them, for tests: a root, and members under it with a role.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { p256 } from '@noble/curves/nist.js';
import { fromPem } from '@zhenglian/core/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
x509.cryptoProvider.set(webcrypto);

/** Somebody with a certificate. */
export interface TestMember {
  readonly msp: string;
  readonly certificatePem: string;
  readonly certificate: Uint8Array;
  /** ECDSA, SHA-256, DER, low s. */
  readonly sign: (message: Uint8Array) => Uint8Array;
}

/** A root and whoever it certifies. */
export interface TestOrganisation {
  readonly msp: string;
  readonly rootCertificate: Uint8Array;
  readonly member: (...units: readonly string[]) => Promise<TestMember>;
}

/** Makes an organisation with a root of its own. */
export async function createOrganisation(msp: string): Promise<TestOrganisation> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=ca.${msp.toLowerCase()}`,
    keys,
    ...validity(),
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    msp,
    rootCertificate: fromPem(root.toString('pem')),
    member: (...units) => createMember(msp, root, keys.privateKey, units),
  };
}

async function createMember(
  msp: string,
  root: x509.X509Certificate,
  rootKey: webcrypto.CryptoKey,
  units: readonly string[],
): Promise<TestMember> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: '02',
    subject: [`CN=${units.join('-')}.${msp.toLowerCase()}`, ...units.map((u) => `OU=${u}`)].join(),
    issuer: root.subject,
    publicKey: keys.publicKey,
    signingKey: rootKey,
    ...validity(),
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(false, undefined, true)],
  });
  const { d = '' } = await webcrypto.subtle.exportKey('jwk', keys.privateKey);
  const secret = Uint8Array.from(Buffer.from(d, 'base64url'));
  const certificatePem = certificate.toString('pem');
  return {
    msp,
    certificatePem,
    certificate: fromPem(certificatePem),
    sign: (message) => p256.sign(message, secret, { format: 'der' }),
  };
}

function validity() {
  return { notBefore: new Date('2026-01-01'), notAfter: new Date('2046-01-01') };
}
