// SPDX-License-Identifier: Apache-2.0
// Certificates made by another library and by OpenSSL (a fixed one), every bit of one flipped, and noise.
import { X509Certificate, createHash, createSign, generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { utf8 } from '@zhenglian/core/bytes';
import { isCodedError } from '@zhenglian/core/errors';
import { sha256 } from '@zhenglian/core/p256';
import {
  fromPem,
  fromPemBytes,
  parseCertificate,
  toPem,
  toPemBytes,
  verifyEcdsa,
  verifyIssued,
} from '@zhenglian/core/x509';
import { createOrganisation } from '../support/organisation.ts';
import type { TestMember, TestOrganisation } from '../support/organisation.ts';

// openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj "/CN=ca.p44/OU=广东/O=Guangdong" -utf8
const OPENSSL_ROOT = `-----BEGIN CERTIFICATE-----
MIIBwDCCAWegAwIBAgIUQlwYA9IW2qIK0fRbHEu4lltRNYgwCgYIKoZIzj0EAwIw
NjEPMA0GA1UEAwwGY2EucDQ0MQ8wDQYDVQQLDAblub/kuJwxEjAQBgNVBAoMCUd1
YW5nZG9uZzAeFw0yNjExMjIxODIxNTNaFw0zNjExMTkxODIxNTNaMDYxDzANBgNV
BAMMBmNhLnA0NDEPMA0GA1UECwwG5bm/5LicMRIwEAYDVQQKDAlHdWFuZ2Rvbmcw
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASf/qCZX2RDbHjDDv5McSeVB9p2/0Ub
KwXOHPKwQgaBheVnhAjsu/+pskpTC8HlRpZ9/pOJNRVVCMPx6NcwKI6Do1MwUTAd
BgNVHQ4EFgQU3aXzVlOtXZ5YEOxHTS9uLpyzZhYwHwYDVR0jBBgwFoAU3aXzVlOt
XZ5YEOxHTS9uLpyzZhYwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBE
AiBWD/VYTdfPqcKtkoCks197cgJESPJn3qIgCkLDwH0k7AIgPWvVTmL+UPTKh/fb
cyTBPbERFHiPyP8yQvtDXAkeyRw=
-----END CERTIFICATE-----
`;
// The same with -newkey rsa:2048.
const OPENSSL_RSA = `-----BEGIN CERTIFICATE-----
MIIC/TCCAeWgAwIBAgIUWAayjbeSo8FqrfAYpPeO2GO71HEwDQYJKoZIhvcNAQEL
BQAwDjEMMAoGA1UEAwwDcnNhMB4XDTI2MTEyMjE4MjE1M1oXDTM2MTExOTE4MjE1
M1owDjEMMAoGA1UEAwwDcnNhMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKC
AQEAvgpaHz+3yU5BWcCAwbmr2XBSDDBX/wJM+C1YWBd2MnGxAi8HZ1sAASPMoDok
rZuS93Uik+9I7Mt1tVi7s66/Wqxc0u+doHJJxgnsJ9gu2poHDqp0KrnDPSAQ6MIv
V3ti/nm9JXm/vK0EQO/26AdjWg1ggV5MI4fvJvr0Wpx7XCvoxnzwBz83rGf+hfzX
rfzeacZ31dvoq3oWkOjv04uEvSX9eVpGSX8ZBcuiINmDUSsxFY3K6f2Ns1EStggN
MkqZ6zKeMXDMbRrUIi0xWR5k0TXsjjxFl03WcZjO/1AoZ5TnH7hQkh6Nz3oEVXim
aejFlOL4IxLC3kiCsWXTd5PLfwIDAQABo1MwUTAdBgNVHQ4EFgQUqXVBaw7p2Icd
5a7Kv9ZyIxPEGgwwHwYDVR0jBBgwFoAUqXVBaw7p2Icd5a7Kv9ZyIxPEGgwwDwYD
VR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOCAQEAZdoczdUSGHBh7GWAfuXH
gW8xFxz7sHaBkO388U0DIzEKhNfVclSYI/x5eOLq8Ywnvi2UwhbtpB2ZEmb3GTN5
TI6eGJ4KoIaqIQG0P6WunAHcjahagCDsqCfOhoyD57m7MZnOosDxEyiM6+ST+/0e
JIm3S3FH1Ms9N0bANiL3QI5I890CBwL/CfpbHheukZKg8Ko9BZ1ogg6nlEIMrE75
K89sXJQRWmWSiBkQVrCuAiR+x6+SY5w4pP88J1UK/UZEny+LoKMPI0luLCsik6YS
MOHvFrmY9BLPYJ1uphMn4acTkneVWPldTvm5JWoEwrCl2jUAQTp5sUiVjk5jX+dY
DQ==
-----END CERTIFICATE-----
`;

describe('x509', () => {
  let organisation: TestOrganisation;
  let peer: TestMember;

  before(async () => {
    organisation = await createOrganisation('P44');
    peer = await organisation.member('peer');
  });

  it('reads subject, key, times and the authority bit', () => {
    const member = parseCertificate(peer.certificate);
    expect(member.subject).to.eql({ commonName: 'peer.p44', organisationalUnits: ['peer'] });
    expect(member.publicKey).to.have.length(65);
    expect(member.notBefore).to.equal(Date.parse('2026-01-01') / 1000);
    expect(member.notAfter).to.equal(Date.parse('2046-01-01') / 1000);
    expect(member.isAuthority).to.equal(false);
    expect(parseCertificate(organisation.rootCertificate).isAuthority).to.equal(true);
  });

  it('agrees with OpenSSL about a certificate that OpenSSL made', () => {
    const certificate = parseCertificate(fromPem(OPENSSL_ROOT));
    const oracle = new X509Certificate(OPENSSL_ROOT);
    expect(certificate.subject.commonName).to.equal('ca.p44');
    expect(certificate.subject.organisationalUnits).to.eql(['广东']);
    expect(certificate.notBefore * 1000).to.equal(Date.parse(oracle.validFrom));
    expect(certificate.notAfter * 1000).to.equal(Date.parse(oracle.validTo));
    const spki = oracle.publicKey.export({ format: 'der', type: 'spki' });
    expect(Buffer.from(certificate.publicKey)).to.eql(spki.subarray(-65));
    expect(certificate.isAuthority).to.equal(oracle.ca);
  });

  it('reads several organisational units', async () => {
    const { certificate } = await organisation.member('client', 'department-1');
    expect(parseCertificate(certificate).subject.organisationalUnits).to.eql([
      'client',
      'department-1',
    ]);
  });

  describe('verifyIssued', () => {
    it('is true for a member under its root only', async () => {
      const other = await createOrganisation('P44');
      expect(verifyIssued(peer.certificate, organisation.rootCertificate)).to.equal(true);
      expect(verifyIssued(peer.certificate, other.rootCertificate)).to.equal(false);
    });

    it('is false for a root as a member, and for a member as a root', () => {
      const root = organisation.rootCertificate;
      expect(verifyIssued(root, root)).to.equal(false);
      expect(verifyIssued(root, peer.certificate)).to.equal(false);
      expect(verifyIssued(peer.certificate, peer.certificate)).to.equal(false);
    });

    it('is false for any flipped bit of the certificate', () => {
      fc.assert(
        fc.property(fc.nat(peer.certificate.length * 8 - 1), (bit) => {
          const bytes = Uint8Array.from(peer.certificate);
          bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          expect(verifyIssued(bytes, organisation.rootCertificate)).to.equal(false);
        }),
        { numRuns: 300 },
      );
    });

    it('is false, never an error, for noise', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
          expect(verifyIssued(bytes, organisation.rootCertificate)).to.equal(false);
          expect(verifyIssued(peer.certificate, bytes)).to.equal(false);
        }),
      );
    });
  });

  describe('CERTIFICATE_INVALID', () => {
    const refuses = (bytes: Uint8Array) => {
      expect(() => parseCertificate(bytes))
        .to.throw()
        .with.property('code', 'CERTIFICATE_INVALID');
    };

    it('trailing bytes, a cut, nothing, too much, too deep', () => {
      refuses(Uint8Array.from([...peer.certificate, 0]));
      refuses(peer.certificate.slice(0, -1));
      refuses(new Uint8Array(0));
      refuses(new Uint8Array(8193).fill(0x30));
      refuses(Uint8Array.from({ length: 4000 }, (_, i) => (i % 2 === 0 ? 0x30 : 0x80)));
    });

    it('a length in a longer form than DER allows', () => {
      const { certificate } = peer;
      // 30 82 hh ll → 30 83 00 hh ll: BER reads it, DER does not know it.
      refuses(Uint8Array.from([0x30, 0x83, 0, ...certificate.slice(2)]));
    });

    it('a key that is not on P-256', () => {
      refuses(fromPem(OPENSSL_RSA));
    });

    it('PEM without a block, with a broken one, or too long', () => {
      for (const pem of [
        '',
        '-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----',
        toPem(peer.certificate, 'KEY'),
      ]) {
        expect(() => fromPem(pem))
          .to.throw()
          .with.property('code', 'CERTIFICATE_INVALID');
      }
      for (const bytes of [new Uint8Array(20_000), Uint8Array.of(0xff)]) {
        expect(() => fromPemBytes(bytes))
          .to.throw()
          .with.property('code', 'CERTIFICATE_INVALID');
      }
    });

    it('noise gives this code and no other error', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
          try {
            parseCertificate(bytes);
            expect.fail('accepted');
          } catch (error) {
            expect(isCodedError(error, 'CERTIFICATE_INVALID'), String(error)).to.equal(true);
          }
        }),
      );
    });
  });

  it('PEM goes there and back', () => {
    expect(fromPem(toPem(peer.certificate))).to.eql(peer.certificate);
    expect(fromPemBytes(toPemBytes(peer.certificate))).to.eql(peer.certificate);
    expect(fromPem(OPENSSL_ROOT.replaceAll('\n', '\r\n'))).to.eql(fromPem(OPENSSL_ROOT));
  });

  describe('verifyEcdsa', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const point = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-65));

    it('agrees with OpenSSL, but for the high form', () => {
      const seen = new Set<boolean>();
      for (let i = 0; i < 40; i++) {
        const message = utf8(`message ${String(i)}`);
        const der = createSign('sha256').update(message).sign(privateKey);
        const s = BigInt(`0x${der.subarray(6 + (der[3] ?? 0)).toString('hex')}`);
        const isLow = s < 0x8000000000000000000000000000000000000000000000000000000000000000n;
        seen.add(isLow);
        // Between half the order and 2^255 no random s falls.
        expect(verifyEcdsa(point, message, der)).to.equal(isLow);
        expect(verifyEcdsa(point, utf8('another'), der)).to.equal(false);
      }
      expect(seen.size).to.equal(2);
    });

    it('is false for malformed signatures and keys', () => {
      const message = utf8('message');
      for (const der of [
        [],
        [0x30, 0],
        [0x30, 6, 2, 1, 0, 2, 1, 0],
        new Array<number>(80).fill(1),
      ]) {
        expect(verifyEcdsa(point, message, Uint8Array.from(der))).to.equal(false);
      }
      const signature = createSign('sha256').update(message).sign(privateKey);
      const offCurve = Uint8Array.from(point);
      offCurve[64] = (offCurve[64] ?? 0) ^ 1;
      for (const key of [offCurve, point.slice(1), new Uint8Array(65)]) {
        expect(verifyEcdsa(key, message, signature)).to.equal(false);
      }
    });
  });

  it('SHA-256 is OpenSSL’s', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(Buffer.from(sha256(bytes))).to.eql(createHash('sha256').update(bytes).digest());
      }),
    );
  });
});
