// SPDX-License-Identifier: Apache-2.0
// SM2 keys in SubjectPublicKeyInfo (RFC 5280 §4.1.2.7, RFC 5480) and PKCS#8 (RFC 5208, RFC 5915),
// with id-ecPublicKey and the named curve 1.2.156.10197.1.301 and nothing else.
import { asBytes, copyBytes, equalBytes, hexToBytes, wipe } from './bytes.ts';
import { encodeElement, readElements, readSequence, TAG, type Element } from './der.ts';
import { GuomiError, isRefusal } from './errors.ts';
import { checkSecretKey, decompressPublicKey, publicKeyOf, type KeyPair } from './keys.ts';

const ID_EC_PUBLIC_KEY = hexToBytes('2a8648ce3d0201');
const ID_SM2_CURVE = hexToBytes('2a811ccf5501822d');
const PARAMETERS = 0xa0;
const PUBLIC_KEY = 0xa1;

/**
 * Encodes a public key (65 or 33 bytes) as 91 bytes of SubjectPublicKeyInfo, uncompressed.
 * @throws GuomiError PUBLIC_KEY_INVALID
 */
export function encodeSpki(publicKey: Uint8Array): Uint8Array {
  const point = decompressPublicKey(publicKey);
  return encodeElement(TAG.sequence, algorithm(), bitString(point));
}

/**
 * Reads SubjectPublicKeyInfo and returns the 65-byte public key.
 * @throws GuomiError SPKI_MALFORMED, PUBLIC_KEY_INVALID
 */
export function decodeSpki(spki: Uint8Array): Uint8Array {
  const [identifier, key, ...rest] = readSequence(asBytes(spki, 'spki')) ?? [];
  const point = bitStringContent(key);
  if (!isSm2Algorithm(identifier) || point === undefined || rest.length > 0) {
    throw new GuomiError('SPKI_MALFORMED', 'not the SubjectPublicKeyInfo of an SM2 key');
  }
  return decompressPublicKey(point);
}

/**
 * Encodes a secret key as 138 bytes of PKCS#8 that carry the public key too.
 * @throws GuomiError SECRET_KEY_INVALID
 */
export function encodePkcs8(secretKey: Uint8Array): Uint8Array {
  const d = checkSecretKey(secretKey);
  const made = [d];
  const kept = (secret: Uint8Array): Uint8Array => {
    made.push(secret);
    return secret;
  };
  try {
    const key = kept(encodeElement(TAG.octetString, d));
    const one = encodeElement(TAG.integer, Uint8Array.of(1));
    const point = encodeElement(PUBLIC_KEY, bitString(publicKeyOf(d)));
    const wrapped = kept(
      encodeElement(TAG.octetString, kept(encodeElement(TAG.sequence, one, key, point))),
    );
    const version = encodeElement(TAG.integer, Uint8Array.of(0));
    return encodeElement(TAG.sequence, version, algorithm(), wrapped);
  } finally {
    wipe(...made);
  }
}

/**
 * Reads PKCS#8 and returns both keys; a public key inside must belong to the secret one.
 * @throws GuomiError PKCS8_MALFORMED, SECRET_KEY_INVALID
 */
export function decodePkcs8(pkcs8: Uint8Array): KeyPair {
  const [version, identifier, wrapped, ...rest] = readSequence(asBytes(pkcs8, 'pkcs8')) ?? [];
  const plain = isSmall(version, 0) && rest.length === 0 && isSm2Algorithm(identifier);
  if (!plain || wrapped?.tag !== TAG.octetString) throw malformed();
  return readEcPrivateKey(readSequence(wrapped.content) ?? []);
}

function readEcPrivateKey(elements: readonly Element[]): KeyPair {
  const [version, key, ...optional] = elements;
  if (!isSmall(version, 1) || key?.tag !== TAG.octetString) throw malformed();
  const { parameters, inside } = readOptional(optional);
  if (parameters !== undefined && !isCurve(single(parameters.content))) throw malformed();
  const secretKey = checkSecretKey(key.content);
  try {
    const publicKey = publicKeyOf(secretKey);
    if (inside !== undefined && !samePoint(inside, publicKey)) throw malformed();
    return { secretKey, publicKey };
  } catch (error) {
    wipe(secretKey);
    throw error;
  }
}

type Optional = Readonly<{ parameters: Element | undefined; inside: Element | undefined }>;

function readOptional(elements: readonly Element[]): Optional {
  const rest = [...elements];
  const parameters = rest[0]?.tag === PARAMETERS ? rest.shift() : undefined;
  const inside = rest[0]?.tag === PUBLIC_KEY ? rest.shift() : undefined;
  if (rest.length > 0) throw malformed();
  return { parameters, inside };
}

function samePoint(inside: Element, publicKey: Uint8Array): boolean {
  const claimed = bitStringContent(single(inside.content));
  try {
    return claimed !== undefined && equalBytes(decompressPublicKey(claimed), publicKey);
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

function malformed(): GuomiError {
  return new GuomiError('PKCS8_MALFORMED', 'not the PKCS#8 of an SM2 key');
}

function algorithm(): Uint8Array {
  return encodeElement(
    TAG.sequence,
    encodeElement(TAG.oid, ID_EC_PUBLIC_KEY),
    encodeElement(TAG.oid, ID_SM2_CURVE),
  );
}

function bitString(content: Uint8Array): Uint8Array {
  return encodeElement(TAG.bitString, Uint8Array.of(0), content);
}

function bitStringContent(element: Element | undefined): Uint8Array | undefined {
  if (element?.tag !== TAG.bitString || element.content[0] !== 0) return undefined;
  return copyBytes(element.content.subarray(1));
}

function isSm2Algorithm(element: Element | undefined): boolean {
  if (element?.tag !== TAG.sequence) return false;
  const [type, curve, ...rest] = readElements(element.content) ?? [];
  if (type?.tag !== TAG.oid || rest.length > 0) return false;
  return equalBytes(type.content, ID_EC_PUBLIC_KEY) && isCurve(curve);
}

function isCurve(element: Element | undefined): boolean {
  return element?.tag === TAG.oid && equalBytes(element.content, ID_SM2_CURVE);
}

function single(content: Uint8Array): Element | undefined {
  const elements = readElements(content) ?? [];
  return elements.length === 1 ? elements[0] : undefined;
}

function isSmall(element: Element | undefined, value: number): boolean {
  return (
    element?.tag === TAG.integer && element.content.length === 1 && element.content[0] === value
  );
}
