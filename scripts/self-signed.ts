// SPDX-License-Identifier: Apache-2.0
// A self-made TLS certificate for trying the product from another device: cameras need HTTPS off localhost.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

/** Paths of a certificate and its key. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAYS = 397;

/** Makes certificate and key in a folder, or keeps those that are there; for localhost and this machine's addresses. */
export async function ensureTlsFiles(folder: string): Promise<TlsFiles> {
  const files = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') };
  if (existsSync(files.certificate) && existsSync(files.key) && isCurrent(files.certificate)) {
    return files;
  }
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString('hex'),
    name: 'CN=zhenglian-demo',
    keys,
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + DAYS * 86_400_000),
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.SubjectAlternativeNameExtension(namesOfThisMachine())],
  });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  writeFileSync(files.key, x509.PemConverter.encode(key, 'PRIVATE KEY'), { mode: 0o600 });
  writeFileSync(files.certificate, certificate.toString('pem'));
  return files;
}

function isCurrent(file: string): boolean {
  return new x509.X509Certificate(readFileSync(file, 'utf8')).notAfter.getTime() > Date.now();
}

function namesOfThisMachine(): x509.JsonGeneralNames {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ address }) => address.split('%')[0] ?? address);
  return [
    { type: 'dns', value: 'localhost' },
    { type: 'dns', value: hostname() },
    ...[...new Set(['127.0.0.1', ...addresses])].map((value) => ({ type: 'ip' as const, value })),
  ];
}
