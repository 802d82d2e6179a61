// SPDX-License-Identifier: Apache-2.0
// TLS certificates of a root of the tests' own, as cryptogen would make them; with a role they do for members too.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A certificate and its key, PEM. */
export interface TlsPair {
  readonly certificate: string;
  readonly key: string;
}

/** A root that certifies servers of this machine and clients. */
export interface TlsRoot {
  readonly certificate: string;
  /** A role is the name's organisational unit; years are 2026 to 2046 unless the last one is given. */
  issue(commonName: string, role?: string, endsAt?: Date): Promise<TlsPair>;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const LOCAL = [
  { type: 'dns', value: 'localhost' },
  { type: 'ip', value: '127.0.0.1' },
] as const;

/** Makes a root. */
export async function createTlsRoot(): Promise<TlsRoot> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const root = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: '01',
      name: 'CN=tls root of a test',
      keys,
      ...validity(),
      signingAlgorithm: ALGORITHM,
      extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
    },
    webcrypto,
  );
  return {
    certificate: root.toString('pem'),
    issue: (commonName, role, endsAt) =>
      issue(root, keys.privateKey, subjectOf(commonName, role), endsAt),
  };
}

async function issue(
  root: x509.X509Certificate,
  signingKey: webcrypto.CryptoKey,
  subject: string,
  notAfter = validity().notAfter,
): Promise<TlsPair> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: '02',
      subject,
      issuer: root.subject,
      publicKey: keys.publicKey,
      signingKey,
      ...validity(),
      notAfter,
      signingAlgorithm: ALGORITHM,
      extensions: [new x509.SubjectAlternativeNameExtension([...LOCAL])],
    },
    webcrypto,
  );
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certificate: certificate.toString('pem'),
    key: x509.PemConverter.encode(key, 'PRIVATE KEY'),
  };
}

function subjectOf(commonName: string, role?: string): string {
  return role === undefined ? `CN=${commonName}` : `CN=${commonName}, OU=${role}`;
}

function validity() {
  return { notBefore: new Date('2026-01-01'), notAfter: new Date('2046-01-01') };
}
