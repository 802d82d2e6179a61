// SPDX-License-Identifier: Apache-2.0
// The EU Digital COVID Certificate's container, written from its specification (Electronic Health Certificate
// Specification 1.0.5): a CWT (RFC 8392) in a COSE_Sign1 with ES256, zlib, base45, `HC1:`. Its npm library is GPL.
// A licence has no schema there: its fields stand under two-letter names, as the health certificate's do.
import { sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { deflateSync, inflateSync } from 'node:zlib';
import { decodeBase45, encodeBase45 } from './base45.ts';
import type { PlainLicence } from './plain-licence.ts';

/** The CBOR library used; maps are `Map`. */
export interface CborCodec {
  readonly encode: (value: unknown) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => unknown;
}

/** The issuer's key and its 8 byte id. */
export interface DccKey {
  readonly kid: Uint8Array;
  readonly privateKey: KeyObject;
}

/** A certificate that has been read; whether it is genuine is another question. */
export interface Dcc {
  readonly fields: ReadonlyMap<unknown, unknown>;
  readonly expiresAt: number;
}

const PREFIX = 'HC1:';
const TAG_COSE_SIGN1 = 0xd2;
const ES256 = -7;
const HEADER = { algorithm: 1, kid: 4 } as const;
const CLAIM = { issuer: 1, expiresAt: 4, issuedAt: 6, hcert: -260 } as const;
const HCERT_V1 = 1;
const MAX_INFLATED_BYTES = 1 << 16;
const EMPTY = new Uint8Array(0);

/** The QR text of a licence. */
export function issueDcc(codec: CborCodec, key: DccKey, licence: PlainLicence): string {
  const texts = Object.values(licence.fields).map((text, i) => [shortName(i), text] as const);
  const content = new Map<string, unknown>([
    ['ver', '1.3.0'],
    ['l', new Map(texts)],
  ]);
  const payload = codec.encode(
    new Map<number, unknown>([
      [CLAIM.issuer, 'CN'],
      [CLAIM.expiresAt, licence.expiresAt],
      [CLAIM.issuedAt, licence.issuedAt],
      [CLAIM.hcert, new Map([[HCERT_V1, content]])],
    ]),
  );
  const header = codec.encode(
    new Map<number, unknown>([
      [HEADER.algorithm, ES256],
      [HEADER.kid, key.kid],
    ]),
  );
  const signature = sign('sha256', signedBytes(codec, header, payload), {
    key: key.privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  const parts = codec.encode([header, new Map(), payload, new Uint8Array(signature)]);
  return PREFIX + encodeBase45(deflateSync(Buffer.concat([Uint8Array.of(TAG_COSE_SIGN1), parts])));
}

/** Reads a certificate without asking who signed it. @throws RangeError */
export function parseDcc(codec: CborCodec, text: string): Dcc {
  return readClaims(codec, open(codec, text).payload);
}

/** Reads a certificate of a known key that has not run out. @throws RangeError */
export function verifyDcc(
  codec: CborCodec,
  keys: ReadonlyMap<string, KeyObject>,
  text: string,
  now: number,
): Dcc {
  const { header, payload, signature } = open(codec, text);
  const fields = mapOf(codec.decode(header));
  if (fields.get(HEADER.algorithm) !== ES256) throw new RangeError('not ES256');
  const kid = fields.get(HEADER.kid);
  const key = kid instanceof Uint8Array ? keys.get(Buffer.from(kid).toString('hex')) : undefined;
  if (key === undefined) throw new RangeError('an unknown key');
  const genuine = verify(
    'sha256',
    signedBytes(codec, header, payload),
    { key, dsaEncoding: 'ieee-p1363' },
    signature,
  );
  if (!genuine) throw new RangeError('the signature is wrong');
  const dcc = readClaims(codec, payload);
  if (dcc.expiresAt < now) throw new RangeError('it has run out');
  return dcc;
}

function open(codec: CborCodec, text: string) {
  if (!text.startsWith(PREFIX)) throw new RangeError('no HC1:');
  const deflated = decodeBase45(text.slice(PREFIX.length));
  const cose = inflateSync(deflated, { maxOutputLength: MAX_INFLATED_BYTES });
  if (cose[0] !== TAG_COSE_SIGN1) throw new RangeError('not a tagged COSE_Sign1');
  const parts: unknown = codec.decode(cose.subarray(1));
  if (!Array.isArray(parts) || parts.length !== 4) throw new RangeError('not four parts');
  const [header, , payload, signature] = parts.map((part: unknown) =>
    part instanceof Uint8Array ? part : undefined,
  );
  if (!header || !payload || !signature) throw new RangeError('not the parts of a COSE_Sign1');
  return { header, payload, signature };
}

function signedBytes(codec: CborCodec, header: Uint8Array, payload: Uint8Array): Uint8Array {
  return codec.encode(['Signature1', header, EMPTY, payload]);
}

function readClaims(codec: CborCodec, payload: Uint8Array): Dcc {
  const claims = mapOf(codec.decode(payload));
  const content = mapOf(mapOf(claims.get(CLAIM.hcert)).get(HCERT_V1));
  const expiresAt = claims.get(CLAIM.expiresAt);
  if (typeof expiresAt !== 'number') throw new RangeError('no end');
  return { fields: mapOf(content.get('l')), expiresAt };
}

function mapOf(value: unknown): ReadonlyMap<unknown, unknown> {
  if (!(value instanceof Map)) throw new RangeError('not a map');
  return value;
}

/** aa, ab, ac … */
function shortName(i: number): string {
  return String.fromCharCode(97 + Math.floor(i / 26), 97 + (i % 26));
}
