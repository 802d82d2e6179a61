// SPDX-License-Identifier: Apache-2.0
// Encrypted PKCS#8 (RFC 5958 §3) under a password: PBES2 (RFC 8018) with PBKDF2 over HMAC-SM3 and
// SM4-CBC, as OpenSSL writes with `-v2 sm4-cbc -v2prf hmacWithSM3`. Other ciphers are refused.
import { asBytes, equalBytes, hexToBytes, wipe } from './bytes.ts';
import {
  encodeElement,
  encodeInteger,
  readElements,
  readInteger32,
  readSequence,
  TAG,
  type Element,
} from './der.ts';
import { currentEngine } from './current-engine.ts';
import { GuomiError, isRefusal } from './errors.ts';
import { decodePkcs8, encodePkcs8 } from './key-containers.ts';
import type { KeyPair } from './keys.ts';
import { draw, platformRandom, type RandomBytes } from './nonce.ts';
import { pbkdf2 } from './pbkdf2.ts';
import { cbcDecrypt, cbcEncrypt } from './sm4.ts';

const PBES2 = hexToBytes('2a864886f70d01050d');
const PBKDF2 = hexToBytes('2a864886f70d01050c');
// GM/T 0091-2020 Table A.1. GmSSL's 1.2.156.10197.1.401.2 is refused, as OpenSSL refuses it.
const HMAC_SM3 = hexToBytes('2a811ccf550183110301');
const SM4_CBC = hexToBytes('2a811ccf55016802');
const DEFAULT_ITERATIONS = 100_000;
const MAX_ITERATIONS = 10_000_000;

/** How to encrypt a key. */
export type EncryptKeyOptions = Readonly<{
  /** Of PBKDF2, from 1 to 10,000,000 (which is what gets read); 100,000 when absent. */
  iterations?: number | undefined;
  /** The source of salt and IV, 32 bytes; the platform's when absent. */
  random?: RandomBytes | undefined;
}>;

/**
 * Encrypts a secret key under a password (bytes, usually UTF-8).
 * @throws GuomiError ITERATIONS_INVALID, SECRET_KEY_INVALID, RANDOM_FAILED
 */
export function encryptPkcs8(
  secretKey: Uint8Array,
  password: Uint8Array,
  options: EncryptKeyOptions = {},
): Uint8Array {
  const iterations = options.iterations ?? DEFAULT_ITERATIONS;
  if (!isCount(iterations)) {
    throw new GuomiError('ITERATIONS_INVALID', `iterations are from 1 to ${MAX_ITERATIONS}`);
  }
  const plain = encodePkcs8(secretKey);
  const [salt, iv, sealed] = seal(plain, password, iterations, options.random ?? platformRandom);
  return encodeElement(
    TAG.sequence,
    encodeElement(TAG.sequence, oid(PBES2), parameters(salt, iterations, iv)),
    encodeElement(TAG.octetString, sealed),
  );
}

/** Salt, IV and the plaintext under them; the plaintext is cleared. */
function seal(
  plain: Uint8Array,
  password: Uint8Array,
  iterations: number,
  source: RandomBytes,
): readonly [salt: Uint8Array, iv: Uint8Array, sealed: Uint8Array] {
  let key: Uint8Array | undefined;
  try {
    const random = draw(source, 32);
    const [salt, iv] = [random.slice(0, 16), random.slice(16)];
    key = deriveKey(password, salt, iterations);
    return [salt, iv, cbcEncrypt(key, iv, plain)];
  } finally {
    wipe(plain, key);
  }
}

/**
 * Decrypts what `encryptPkcs8` or OpenSSL wrote. CBC has no tag: a wrong password is noticed by the
 * padding and by the key that does not fit its own public key.
 * @throws GuomiError PKCS8_MALFORMED, PASSWORD_WRONG
 */
export function decryptPkcs8(pkcs8: Uint8Array, password: Uint8Array): KeyPair {
  const { salt, iterations, iv, sealed } = readEnvelope(asBytes(pkcs8, 'pkcs8'));
  const key = deriveKey(password, salt, iterations);
  const plain = openWith(key, iv, sealed);
  try {
    if (plain !== undefined) return decodePkcs8(plain);
  } catch (cause) {
    if (!isRefusal(cause)) throw cause;
    throw new GuomiError('PASSWORD_WRONG', 'this password does not open the key', { cause });
  } finally {
    wipe(plain);
  }
  throw new GuomiError('PASSWORD_WRONG', 'this password does not open the key');
}

function openWith(key: Uint8Array, iv: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  try {
    return cbcDecrypt(key, iv, sealed);
  } finally {
    wipe(key);
  }
}

function deriveKey(password: Uint8Array, salt: Uint8Array, iterations: number): Uint8Array {
  const { compress, forget } = currentEngine();
  try {
    return pbkdf2(compress, asBytes(password, 'password'), salt, iterations, 16);
  } finally {
    forget();
  }
}

function parameters(salt: Uint8Array, iterations: number, iv: Uint8Array): Uint8Array {
  const count = new DataView(new ArrayBuffer(4));
  count.setUint32(0, iterations);
  const derivation = encodeElement(
    TAG.sequence,
    encodeElement(TAG.octetString, salt),
    encodeInteger(new Uint8Array(count.buffer)),
    encodeElement(TAG.sequence, oid(HMAC_SM3), NULL),
  );
  return encodeElement(
    TAG.sequence,
    encodeElement(TAG.sequence, oid(PBKDF2), derivation),
    encodeElement(TAG.sequence, oid(SM4_CBC), encodeElement(TAG.octetString, iv)),
  );
}

const NULL = Uint8Array.of(5, 0);

function oid(content: Uint8Array): Uint8Array {
  return encodeElement(TAG.oid, content);
}

type Envelope = Readonly<{
  salt: Uint8Array;
  iterations: number;
  iv: Uint8Array;
  sealed: Uint8Array;
}>;

function readEnvelope(pkcs8: Uint8Array): Envelope {
  const [algorithm, sealed, ...rest] = readSequence(pkcs8) ?? [];
  const [derivation, cipher, ...more] = children(namedParameters(algorithm, PBES2));
  const iv = namedParameters(cipher, SM4_CBC);
  if (sealed?.tag !== TAG.octetString || iv?.tag !== TAG.octetString || iv.content.length !== 16) {
    throw malformed();
  }
  if (rest.length + more.length > 0) throw malformed();
  return { ...readDerivation(derivation), iv: iv.content, sealed: sealed.content };
}

function readDerivation(element: Element | undefined): Pick<Envelope, 'salt' | 'iterations'> {
  const [salt, count, ...options] = children(namedParameters(element, PBKDF2));
  const keyLength = options[0]?.tag === TAG.integer ? options.shift() : undefined;
  const [prf, ...rest] = options;
  const sixteen = keyLength === undefined || equalBytes(keyLength.content, Uint8Array.of(16));
  const isPlain = isNull(namedParameters(prf, HMAC_SM3));
  if (salt?.tag !== TAG.octetString || !sixteen || !isPlain || rest.length > 0) throw malformed();
  return { salt: salt.content, iterations: readCount(count) };
}

/** NULL, or nothing in its place. */
function isNull(element: Element | undefined): boolean {
  return element === undefined || (element.tag === TAG.null && element.content.length === 0);
}

function readCount(element: Element | undefined): number {
  const count = readInteger32(element)?.reduce((sum, byte) => sum * 256 + byte, 0) ?? 0;
  if (!isCount(count)) throw malformed();
  return count;
}

/** For writer and reader alike: a count without bound would let a file keep its reader busy for days. */
function isCount(count: number): boolean {
  return Number.isInteger(count) && count >= 1 && count <= MAX_ITERATIONS;
}

/** The parameters of AlgorithmIdentifier { expected, parameters }. */
function namedParameters(element: Element | undefined, expected: Uint8Array): Element | undefined {
  const [name, value, ...rest] = children(element);
  const known = name?.tag === TAG.oid && equalBytes(name.content, expected);
  if (!known || rest.length > 0) throw malformed();
  return value;
}

function children(element: Element | undefined): readonly Element[] {
  const found = element?.tag === TAG.sequence ? readElements(element.content) : undefined;
  if (found === undefined) throw malformed();
  return found;
}

function malformed(): GuomiError {
  return new GuomiError('PKCS8_MALFORMED', 'not PBES2 with HMAC-SM3 and SM4-CBC');
}
