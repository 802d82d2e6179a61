// SPDX-License-Identifier: Apache-2.0
// SM2 public-key encryption (GB/T 32918.4-2016), C1 ‖ C3 ‖ C2, in raw bytes or in the ASN.1 form of
// GB/T 35276-2017 §7.2. The digest C3 is checked before a byte of plaintext is returned.
import { asBytes, concatBytes, equalBytes, wipe } from './bytes.ts';
import {
  encodeElement,
  encodeInteger,
  readInteger32,
  readSequence,
  TAG,
  type Element,
} from './der.ts';
import { currentEngine } from './current-engine.ts';
import { GuomiError } from './errors.ts';
import { checkSecretKey, decompressPublicKey, generateKeyPair } from './keys.ts';
import { platformRandom, type RandomBytes } from './nonce.ts';

/** `asn1`: SEQUENCE { x, y, C3, C2 } (default); `raw`: 04 ‖ x ‖ y ‖ C3 ‖ C2. */
export type CiphertextFormat = 'asn1' | 'raw';

/** How to encrypt. */
export type EncryptOptions = Readonly<{
  format?: CiphertextFormat | undefined;
  /** The source of the ephemeral key, 32 bytes a draw; the platform's when absent. */
  random?: RandomBytes | undefined;
}>;

type Parts = Readonly<{ point: Uint8Array; digest: Uint8Array; masked: Uint8Array }>;

/**
 * Encrypts one byte or more to a public key (65 or 33 bytes).
 * @throws GuomiError PUBLIC_KEY_INVALID, PLAINTEXT_EMPTY, RANDOM_FAILED; TypeError
 */
export function encrypt(
  plaintext: Uint8Array,
  publicKey: Uint8Array,
  options: EncryptOptions = {},
): Uint8Array {
  const text = asBytes(plaintext, 'plaintext');
  const format = checkFormat(options.format);
  const point = decompressPublicKey(publicKey);
  if (text.length === 0) throw new GuomiError('PLAINTEXT_EMPTY', 'there is nothing to encrypt');
  for (let attempt = 0; attempt < 64; attempt += 1) {
    const ephemeral = generateKeyPair(options.random ?? platformRandom);
    try {
      const parts = encryptWith(text, point, ephemeral.secretKey, ephemeral.publicKey);
      if (parts !== undefined) return encode(parts, format);
    } finally {
      wipe(ephemeral.secretKey);
    }
  }
  throw new GuomiError('RANDOM_FAILED', 'no ephemeral key gave a mask');
}

/**
 * Decrypts with a secret key.
 * @throws GuomiError SECRET_KEY_INVALID, CIPHERTEXT_MALFORMED, AUTHENTICATION_FAILED; TypeError
 */
export function decrypt(
  ciphertext: Uint8Array,
  secretKey: Uint8Array,
  options: Readonly<{ format?: CiphertextFormat | undefined }> = {},
): Uint8Array {
  const bytes = asBytes(ciphertext, 'ciphertext');
  const format = checkFormat(options.format);
  const d = checkSecretKey(secretKey);
  try {
    return decryptWith(bytes, d, format);
  } finally {
    wipe(d);
  }
}

function decryptWith(bytes: Uint8Array, d: Uint8Array, format: CiphertextFormat): Uint8Array {
  const parts = format === 'raw' ? decodeRaw(bytes) : decodeAsn1(bytes);
  const point = parts === undefined ? undefined : currentEngine().decompress(parts.point);
  if (parts === undefined || point === undefined) {
    throw new GuomiError('CIPHERTEXT_MALFORMED', 'not an SM2 ciphertext in this format');
  }
  const shared = currentEngine().multiply(d, point);
  try {
    const plaintext = open(parts, shared);
    if (plaintext !== undefined) return plaintext;
  } finally {
    forget(shared);
  }
  throw new GuomiError('AUTHENTICATION_FAILED', 'the ciphertext is not for this key or altered');
}

/** The plaintext, or nothing of it: under a wrong digest and when the check is cut off. */
function open({ masked, digest }: Parts, shared: Uint8Array): Uint8Array | undefined {
  const plaintext = unmask(masked, shared);
  let isRight = false;
  try {
    isRight = plaintext !== undefined && equalBytes(check(shared, plaintext), digest);
  } finally {
    if (!isRight) wipe(plaintext);
  }
  return isRight ? plaintext : undefined;
}

/** GB/T 32918.4 §6.1 for the ephemeral key k; undefined when the mask is all zeros. */
export function encryptWith(
  plaintext: Uint8Array,
  publicKey: Uint8Array,
  k: Uint8Array,
  point: Uint8Array,
): Parts | undefined {
  const shared = currentEngine().multiply(k, publicKey);
  try {
    const masked = unmask(plaintext, shared);
    return masked && { point, digest: check(shared, plaintext), masked };
  } finally {
    forget(shared);
  }
}

/** Clears the shared point here and what hashing it has left in the engine. */
function forget(shared: Uint8Array): void {
  wipe(shared);
  currentEngine().forget();
}

/** C3 = SM3(x ‖ M ‖ y). */
function check(shared: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const whole = concatBytes(shared.subarray(0, 32), plaintext, shared.subarray(32));
  try {
    return currentEngine().hash(whole);
  } finally {
    wipe(whole);
  }
}

/** XOR with KDF(x ‖ y), or undefined for a mask of zeros. */
function unmask(bytes: Uint8Array, shared: Uint8Array): Uint8Array | undefined {
  const result = Uint8Array.from(bytes);
  const input = concatBytes(shared, new Uint8Array(4));
  const counter = new DataView(input.buffer, shared.length);
  let any = 0;
  try {
    for (let at = 0; at < bytes.length; at += 32) {
      counter.setUint32(0, at / 32 + 1);
      const mask = currentEngine().hash(input);
      for (const [index, byte] of mask.subarray(0, bytes.length - at).entries()) {
        any |= byte;
        result[at + index] = (result[at + index] ?? 0) ^ byte;
      }
      wipe(mask);
    }
  } catch (error) {
    any = 0;
    throw error;
  } finally {
    wipe(input);
    if (any === 0) wipe(result); // under no mask it is the input itself
  }
  return any === 0 ? undefined : result;
}

const FORMATS: readonly unknown[] = ['asn1', 'raw'];

/** Another word is a programmer's mistake, and must not become the format that was not meant. */
function checkFormat(format: CiphertextFormat = 'asn1'): CiphertextFormat {
  if (FORMATS.includes(format)) return format;
  throw new TypeError('format must be asn1 or raw');
}

function encode({ point, digest, masked }: Parts, format: CiphertextFormat): Uint8Array {
  if (format === 'raw') return concatBytes(point, digest, masked);
  return encodeElement(
    TAG.sequence,
    encodeInteger(point.subarray(1, 33)),
    encodeInteger(point.subarray(33)),
    encodeElement(TAG.octetString, digest),
    encodeElement(TAG.octetString, masked),
  );
}

function decodeRaw(bytes: Uint8Array): Parts | undefined {
  if (bytes.length < 98) return undefined;
  return {
    point: bytes.slice(0, 65),
    digest: bytes.slice(65, 97),
    masked: bytes.slice(97),
  };
}

function decodeAsn1(bytes: Uint8Array): Parts | undefined {
  const [first, second, digest, masked, ...rest] = readSequence(bytes) ?? [];
  const x = readInteger32(first);
  const y = readInteger32(second);
  if (x === undefined || y === undefined || rest.length > 0) return undefined;
  if (!isOctets(digest) || digest.content.length !== 32) return undefined;
  if (!isOctets(masked) || masked.content.length === 0) return undefined;
  const point = concatBytes(Uint8Array.of(4), x, y);
  return { point, digest: digest.content, masked: masked.content };
}

function isOctets(element: Element | undefined): element is Element {
  return element?.tag === TAG.octetString;
}
