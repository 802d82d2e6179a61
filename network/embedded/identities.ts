// SPDX-License-Identifier: Apache-2.0
// Certificates and keys of the embedded network's members: one root an organisation, roles by OU as Fabric's NodeOUs.
// The only place that writes X.509. Files are readable by their owner only; a member is made once and then kept.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { toPem } from '@zhenglian/core/x509';
import type { MemberIdentity } from '../identity.ts';
import type { Role } from './membership.ts';

/** What a certificate is made for. */
interface CertificateParts {
  readonly commonName: string;
  readonly role?: Role;
  readonly keys: CryptoKeyPair;
  readonly issuer?: { readonly certificate: x509.X509Certificate; readonly key: CryptoKey };
  readonly now: number;
}

type CryptoKey = webcrypto.CryptoKey;
type CryptoKeyPair = webcrypto.CryptoKeyPair;

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const YEAR_MS = 365 * 86_400_000;
const ROOT_YEARS = 30;
const MEMBER_YEARS = 10;
/** Clocks differ; a certificate is in force a little before it was made. */
const BACKDATE_MS = 3_600_000;

/** Folder of an organisation's members. */
export function organisationFolder(dataDir: string, msp: string): string {
  return join(dataDir, 'ledger', 'organisations', msp);
}

/** Root certificate of an organisation (PEM), made with its key when there is none. */
export async function ensureRoot(
  dataDir: string,
  msp: string,
  now: number,
): Promise<MemberIdentity> {
  const folder = join(organisationFolder(dataDir, msp), 'root');
  return ensure(folder, msp, async () => {
    const keys = await generateKeys();
    const commonName = `${msp} root`;
    return write(await createCertificate({ commonName, keys, now }), keys);
  });
}

/** A member of an organisation under its root, made when there is none. */
export async function ensureMember(
  dataDir: string,
  msp: string,
  member: { readonly role: Role; readonly name?: string },
  now: number,
): Promise<MemberIdentity> {
  const { role, name } = member;
  if (name !== undefined && !/^[a-z0-9][a-z0-9-]{0,63}$/.test(name)) {
    throw new TypeError('a client name has lower-case letters, digits and hyphens only');
  }
  const place = name === undefined ? [role] : ['clients', name];
  const folder = join(organisationFolder(dataDir, msp), ...place);
  return ensure(folder, msp, async () => {
    const root = await ensureRoot(dataDir, msp, now);
    const keys = await generateKeys();
    const commonName = `${name ?? role}.${msp.toLowerCase()}`;
    const issuer = {
      certificate: new x509.X509Certificate(root.certificatePem),
      key: await importKey(root.keyPem),
    };
    return write(await createCertificate({ commonName, role, keys, issuer, now }), keys);
  });
}

/** Key and certificate appear together, by one rename; of two makers at once the first wins and both hold its member. */
async function ensure(
  folder: string,
  msp: string,
  make: () => Promise<readonly [string, string]>,
): Promise<MemberIdentity> {
  const held = await read(folder, msp);
  if (held) return held;
  const [certificatePem, keyPem] = await make();
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  const fresh = await mkdtemp(`${folder}.`);
  await writeSecret(join(fresh, 'key.pem'), keyPem);
  await writeSecret(join(fresh, 'certificate.pem'), certificatePem);
  try {
    await rename(fresh, folder);
    return { msp, certificatePem, keyPem };
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    const winner = await read(folder, msp);
    if (winner) return winner;
    throw error;
  }
}

async function read(folder: string, msp: string): Promise<MemberIdentity | undefined> {
  try {
    const certificatePem = await readFile(join(folder, 'certificate.pem'), 'utf8');
    return { msp, certificatePem, keyPem: await readFile(join(folder, 'key.pem'), 'utf8') };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeSecret(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function createCertificate(parts: CertificateParts): Promise<x509.X509Certificate> {
  const { keys, issuer, commonName, role } = parts;
  const subject = role === undefined ? `CN=${commonName}` : `CN=${commonName}, OU=${role}`;
  const isRoot = issuer === undefined;
  return x509.X509CertificateGenerator.create(
    {
      subject,
      issuer: issuer?.certificate.subject ?? subject,
      publicKey: keys.publicKey,
      signingKey: issuer?.key ?? keys.privateKey,
      signingAlgorithm: ALGORITHM,
      notBefore: new Date(parts.now - BACKDATE_MS),
      notAfter: new Date(parts.now + (isRoot ? ROOT_YEARS : MEMBER_YEARS) * YEAR_MS),
      extensions: [
        new x509.BasicConstraintsExtension(isRoot, undefined, true),
        new x509.KeyUsagesExtension(
          isRoot ? x509.KeyUsageFlags.keyCertSign : x509.KeyUsageFlags.digitalSignature,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
}

async function write(
  certificate: x509.X509Certificate,
  keys: CryptoKeyPair,
): Promise<readonly [string, string]> {
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const der = new Uint8Array(certificate.rawData);
  return [toPem(der), toPem(new Uint8Array(key), 'PRIVATE KEY')];
}

async function generateKeys(): Promise<CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function importKey(keyPem: string): Promise<CryptoKey> {
  const der = x509.PemConverter.decodeFirst(keyPem);
  return webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
}
