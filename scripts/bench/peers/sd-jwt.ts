// SPDX-License-Identifier: Apache-2.0
// The SD-JWT VC library (@sd-jwt/sd-jwt-vc), ES256 by node:crypto: the fastest signatures and hashes that Node has, and
// no list of statuses, so that the peer is seen at its best. With a holder key, shown with a key binding JWT.
import { createHash, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { loadPeer } from './install.ts';
import type { PlainLicence } from './plain-licence.ts';

/** What a demo issuer, holder and verifier do with it. */
export interface SdJwtPeer {
  readonly issue: (licence: PlainLicence, device: boolean) => Promise<string>;
  readonly present: (issued: string, shown: readonly string[], device: boolean) => Promise<string>;
  /** The shown claims of a genuine presentation. */
  readonly verify: (text: string, now: number, device: boolean) => Promise<unknown>;
  /** The shown claims, unverified. */
  readonly parse: (text: string) => Promise<unknown>;
}

interface SdJwtVc {
  issue(payload: object, frame: object, options: object): Promise<string>;
  present(text: string, frame: object, options?: object): Promise<string>;
  verify(text: string, options: object): Promise<{ readonly payload: unknown }>;
  getClaims(text: string): Promise<unknown>;
}
interface SdJwtModule {
  readonly SDJwtVcInstance: new (config: object) => SdJwtVc;
}

const ISSUER = 'https://issuer.example';
const AUDIENCE = 'P44/counter-1';
const SHOWN_AT = 1_767_240_005;
const NONCE = Buffer.alloc(16, 7).toString('base64url');

/** A demo of the library with fresh keys. @throws TypeError when it is not what it was */
export async function createSdJwtPeer(): Promise<SdJwtPeer> {
  const loaded = await loadPeer('@sd-jwt/sd-jwt-vc');
  if (!isSdJwtModule(loaded)) throw new TypeError('@sd-jwt/sd-jwt-vc has changed its interface');
  const issuer = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const holder = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty, crv, x, y } = holder.publicKey.export({ format: 'jwk' });
  const library = new loaded.SDJwtVcInstance({
    signAlg: 'ES256',
    signer: (data: string) => signEs256(data, issuer.privateKey),
    verifier: (data: string, signature: string) => verifyEs256(data, signature, issuer.publicKey),
    kbSignAlg: 'ES256',
    kbSigner: (data: string) => signEs256(data, holder.privateKey),
    kbVerifier: (data: string, signature: string) => verifyEs256(data, signature, holder.publicKey),
    hashAlg: 'sha-256',
    hasher: (data: string) => new Uint8Array(createHash('sha256').update(data).digest()),
    saltGenerator: (length: number) => randomBytes(length).toString('base64url'),
  });
  return {
    issue: ({ type, fields, issuedAt, expiresAt }, device) =>
      library.issue(
        {
          vct: `urn:licence:${type}`,
          iss: ISSUER,
          iat: issuedAt,
          exp: expiresAt,
          ...(device ? { cnf: { jwk: { kty, crv, x, y } } } : {}),
          ...fields,
        },
        { _sd: Object.keys(fields) },
        { header: { kid: 'Rmv9V2J0aGU' } },
      ),
    present: (issued, shown, device) =>
      library.present(
        issued,
        Object.fromEntries(shown.map((name) => [name, true])),
        device ? { kb: { payload: { iat: SHOWN_AT, aud: AUDIENCE, nonce: NONCE } } } : undefined,
      ),
    verify: async (text, now, device) => {
      const { payload } = await library.verify(text, {
        currentDate: now,
        ...(device ? { keyBindingNonce: NONCE } : {}),
      });
      return payload;
    },
    parse: (text) => library.getClaims(text),
  };
}

function signEs256(data: string, key: KeyObject): string {
  return sign('sha256', Buffer.from(data), { key, dsaEncoding: 'ieee-p1363' }).toString(
    'base64url',
  );
}

function verifyEs256(data: string, signature: string, key: KeyObject): boolean {
  return verify(
    'sha256',
    Buffer.from(data),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
}

function isSdJwtModule(loaded: unknown): loaded is SdJwtModule {
  return (
    typeof loaded === 'object' &&
    loaded !== null &&
    'SDJwtVcInstance' in loaded &&
    typeof loaded.SDJwtVcInstance === 'function'
  );
}
