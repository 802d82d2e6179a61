// SPDX-License-Identifier: Apache-2.0
// The few X.509 facts (RFC 5280) the product relies on: P-256 certificates, one step below their root, and ECDSA under them.
// Organisations of the consortium keep one root and no intermediate; a longer chain is refused, not followed.
import { equals, fromBase64, fromUtf8, toBase64, utf8 } from './bytes.ts';
import * as der from './der.ts';
import type { DerNode } from './der.ts';
import { isCodedError } from './errors.ts';
import { verifyP256 } from './p256.ts';

/** A certificate's facts; times are unix seconds. */
export interface Certificate {
  readonly subject: {
    readonly commonName: string;
    readonly organisationalUnits: readonly string[];
  };
  /** Whole DER of the names, for comparing issuer with subject. */
  readonly subjectName: Uint8Array;
  readonly issuerName: Uint8Array;
  readonly isAuthority: boolean;
  /** Uncompressed P-256 point, 65 bytes. */
  readonly publicKey: Uint8Array;
  readonly tbs: Uint8Array;
  /** ECDSA with SHA-256, DER. */
  readonly signature: Uint8Array;
  readonly notBefore: number;
  readonly notAfter: number;
}

const MAX_CERTIFICATE_BYTES = 8192;
const OID = {
  ecdsaSha256: '1.2.840.10045.4.3.2',
  ecPublicKey: '1.2.840.10045.2.1',
  p256: '1.2.840.10045.3.1.7',
  commonName: '2.5.4.3',
  organisationalUnit: '2.5.4.11',
  basicConstraints: '2.5.29.19',
};

/** Reads a DER certificate with a P-256 key, signed by ECDSA with SHA-256. @throws CERTIFICATE_INVALID */
export function parseCertificate(certificate: Uint8Array): Certificate {
  const whole = der.readDer(certificate, MAX_CERTIFICATE_BYTES);
  if (certificate[0] !== 0x30 || whole.children.length !== 3) {
    throw der.invalidDer('not a certificate');
  }
  const tbs = der.child(whole, 0, der.DER.sequence);
  const at = tbs.children[0]?.universal === false ? 1 : 0;
  const algorithm = der.child(tbs, at + 1, der.DER.sequence);
  requireEcdsa(algorithm);
  if (!equals(algorithm.raw, der.child(whole, 1, der.DER.sequence).raw)) {
    throw der.invalidDer('two signature algorithms');
  }
  const validity = der.child(tbs, at + 3, der.DER.sequence);
  const subject = der.child(tbs, at + 4, der.DER.sequence);
  return {
    subject: {
      commonName: names(subject, OID.commonName)[0] ?? '',
      organisationalUnits: names(subject, OID.organisationalUnit),
    },
    subjectName: subject.raw,
    issuerName: der.child(tbs, at + 2, der.DER.sequence).raw,
    isAuthority: isAuthority(tbs.children.slice(at + 6)),
    publicKey: publicKey(der.child(tbs, at + 5, der.DER.sequence)),
    tbs: tbs.raw,
    signature: der.bitString(der.child(whole, 2, der.DER.bitString)),
    notBefore: time(validity, 0),
    notAfter: time(validity, 1),
  };
}

/**
 * Tells whether a certificate was issued directly under a root: names, authority bit, signature.
 * False, never an error, when either is malformed; validity times are the caller's to judge.
 */
export function verifyIssued(certificateDer: Uint8Array, rootDer: Uint8Array): boolean {
  try {
    const certificate = parseCertificate(certificateDer);
    const root = parseCertificate(rootDer);
    return (
      root.isAuthority &&
      !certificate.isAuthority &&
      equals(certificate.issuerName, root.subjectName) &&
      // Authorities do not all write the low form; a certificate's second form gives nobody anything.
      verifyP256(certificate.signature, certificate.tbs, root.publicKey, false)
    );
  } catch (error) {
    if (isCodedError(error)) return false;
    throw error;
  }
}

/** Tells whether a DER signature (P-256, SHA-256, low s only, as Fabric demands) is by this key over this message. */
export function verifyEcdsa(
  publicKeyBytes: Uint8Array,
  message: Uint8Array,
  derSignature: Uint8Array,
): boolean {
  return verifyP256(derSignature, message, publicKeyBytes, true);
}

/** DER bytes of the first PEM block with this label. @throws CERTIFICATE_INVALID */
export function fromPem(pem: string, label = 'CERTIFICATE'): Uint8Array {
  const begin = `-----BEGIN ${label}-----`;
  const start = pem.indexOf(begin);
  const end = pem.indexOf(`-----END ${label}-----`, start);
  if (start < 0 || end < 0 || pem.length > 3 * MAX_CERTIFICATE_BYTES) {
    throw der.invalidDer(`no PEM ${label}`);
  }
  try {
    return fromBase64(pem.slice(start + begin.length, end).replaceAll(/[\r\n]/g, ''));
  } catch (cause) {
    throw der.invalidDer(`no PEM ${label}`, cause);
  }
}

/** PEM text of DER bytes, lines of 64 characters, a newline at the end. */
export function toPem(bytes: Uint8Array, label = 'CERTIFICATE'): string {
  const lines = toBase64(bytes).match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** DER bytes of a certificate as Fabric's identities carry it: PEM in bytes. @throws CERTIFICATE_INVALID */
export function fromPemBytes(pem: Uint8Array): Uint8Array {
  if (pem.length > 2 * MAX_CERTIFICATE_BYTES) throw der.invalidDer('its size is out of bounds');
  try {
    return fromPem(fromUtf8(pem));
  } catch (cause) {
    if (isCodedError(cause, 'CERTIFICATE_INVALID')) throw cause;
    throw der.invalidDer('not PEM', cause);
  }
}

/** PEM in bytes, as Fabric's identities carry it. */
export function toPemBytes(certificate: Uint8Array): Uint8Array {
  return utf8(toPem(certificate));
}

function requireEcdsa(algorithm: DerNode): void {
  if (der.oid(der.child(algorithm, 0, der.DER.oid)) !== OID.ecdsaSha256) {
    throw der.invalidDer('not signed by ECDSA with SHA-256');
  }
}

function publicKey(info: DerNode): Uint8Array {
  const algorithm = der.child(info, 0, der.DER.sequence);
  const point = der.bitString(der.child(info, 1, der.DER.bitString));
  const kind = der.oid(der.child(algorithm, 0, der.DER.oid));
  const curve = der.oid(der.child(algorithm, 1, der.DER.oid));
  if (kind !== OID.ecPublicKey || curve !== OID.p256 || point.length !== 65 || point[0] !== 4) {
    throw der.invalidDer('not a P-256 key');
  }
  return point;
}

/** Values of one attribute of a name, in order. */
function names(name: DerNode, attribute: string): string[] {
  return name.children
    .flatMap((set) => set.children)
    .filter((pair) => der.oid(der.child(pair, 0, der.DER.oid)) === attribute)
    .map((pair) => {
      const value = pair.children[1];
      if (value === undefined) throw der.invalidDer('a name without a value');
      return der.derText(value);
    });
}

function time(validity: DerNode, index: number): number {
  const element = validity.children[index];
  if (element === undefined) throw der.invalidDer('no validity');
  return der.derTime(element);
}

function isAuthority(tail: readonly DerNode[]): boolean {
  const extensions = tail.find((element) => !element.universal && element.tag === 3)?.children[0];
  const found = extensions?.children.find(
    (extension) => der.oid(der.child(extension, 0, der.DER.oid)) === OID.basicConstraints,
  );
  const last = found?.children.at(-1);
  if (last === undefined) return false;
  const constraints = der.readDer(der.octetString(last), 64);
  const authority = constraints.children[0];
  return authority?.tag === der.DER.boolean && der.boolean(authority);
}
