// SPDX-License-Identifier: Apache-2.0
// What can be told of a member's files and peers before anything is dialled: pairs that are none, certificates that ended, peers that are missing or twice.
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { CodedError } from '@zhenglian/core/errors';
import type { FabricMember } from '@zhenglian/network/fabric/members';

/** Checks a member at a time (unix milliseconds). @throws LEDGER_REFUSED saying which file or setting is wrong, and what to do */
export function requireUsable(member: FabricMember, now: number): void {
  requirePair('certificate.pem', member.certificatePem, 'key.pem', member.keyPem, now);
  const { tlsCertificatePem, tlsKeyPem } = member;
  requirePair('tls-certificate.pem', tlsCertificatePem, 'tls-key.pem', tlsKeyPem, now);
  const msps = member.peers.map(({ msp }) => msp);
  if (!msps.includes(member.msp)) {
    throw refused(`no peer of ${member.msp} is known: FABRIC_PEERS must name one`);
  }
  const twice = msps.find((msp, i) => msps.indexOf(msp) !== i);
  if (twice !== undefined) {
    throw refused(`FABRIC_PEERS names two peers of ${twice}: one an organisation`);
  }
  for (const { msp, tlsRootPem, rootPem } of member.peers) {
    readCertificate(`tlsRootPem of ${msp} in FABRIC_PEERS`, tlsRootPem);
    readCertificate(`rootPem of ${msp} in FABRIC_PEERS`, rootPem);
  }
}

function requirePair(
  certificateFile: string,
  certificatePem: string,
  keyFile: string,
  keyPem: string,
  now: number,
): void {
  const certificate = readCertificate(certificateFile, certificatePem);
  if (!isKeyOf(certificate, keyPem)) {
    throw refused(`${keyFile} is not the key of ${certificateFile}: put both in IDENTITY_DIR`);
  }
  if (Date.parse(certificate.validTo) < now) {
    throw refused(`${certificateFile} ended on ${certificate.validTo}: renew it and its key`);
  }
  if (Date.parse(certificate.validFrom) > now) {
    const words = `${certificateFile} begins on ${certificate.validFrom}`;
    throw refused(`${words}: wait, or set this machine's clock right`);
  }
}

function readCertificate(what: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw refused(`${what} is no readable certificate (PEM)`, cause);
  }
}

function isKeyOf({ publicKey }: X509Certificate, keyPem: string): boolean {
  try {
    return createPublicKey(createPrivateKey(keyPem)).equals(publicKey);
  } catch {
    return false;
  }
}

function refused(message: string, cause?: unknown): CodedError<'LEDGER_REFUSED'> {
  return new CodedError('LEDGER_REFUSED', message, cause === undefined ? {} : { cause });
}
