// SPDX-License-Identifier: Apache-2.0
// Certificates that a network's own CA would never hand out: ended, without a role.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import type { Layout } from '../../network/fabric/layout.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

/** A certificate under the CA of an organisation's members or of their TLS; days from now. */
export async function issueUnder(
  layout: Layout,
  msp: string,
  parts: {
    readonly ca: 'ca' | 'tlsca';
    readonly role: string;
    readonly fromDay: number;
    readonly toDay: number;
  },
): Promise<{ readonly certificatePem: string; readonly keyPem: string }> {
  const domain = `${msp.toLowerCase()}.test`;
  const folder = join(layout.cryptoFolder, 'peerOrganizations', domain, parts.ca);
  const read = (ending: string) =>
    readFileSync(join(folder, readdirSync(folder).find((f) => f.endsWith(ending)) ?? ''), 'utf8');
  const issuer = new x509.X509Certificate(read('.pem'));
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(read('_sk')),
    ALGORITHM,
    false,
    ['sign'],
  );
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: '0b',
      subject: `CN=test, OU=${parts.role}`,
      issuer: issuer.subject,
      publicKey: keys.publicKey,
      signingKey,
      notBefore: new Date(Date.now() + parts.fromDay * DAY_MS),
      notAfter: new Date(Date.now() + parts.toDay * DAY_MS),
      signingAlgorithm: ALGORITHM,
      extensions: [new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true)],
    },
    webcrypto,
  );
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certificatePem: certificate.toString('pem'),
    keyPem: x509.PemConverter.encode(key, 'PRIVATE KEY'),
  };
}
