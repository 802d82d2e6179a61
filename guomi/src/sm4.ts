// SPDX-License-Identifier: Apache-2.0
// SM4 (GB/T 32907-2016) in the modes for data at rest: GCM (NIST SP 800-38D, RFC 8998 §3) and CTR;
// CBC only for the containers of others (PBES2).
import { asBytes, concatBytes, equalBytes } from './bytes.ts';
import { currentCipher } from './cipher.ts';
import { GuomiError } from './errors.ts';

const TAG_BYTES = 16;
const IV_BYTES = 12;

/**
 * Encrypts and authenticates; returns ciphertext ‖ 16 bytes of tag. An iv of 12 bytes must never
 * meet the same key twice.
 * @throws GuomiError CIPHER_KEY_INVALID, IV_INVALID
 */
export function gcmEncrypt(
  key: Uint8Array,
  iv: Uint8Array,
  plaintext: Uint8Array,
  additional: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const start = firstCounter(key, iv);
  const text = asBytes(plaintext, 'plaintext');
  const ciphertext = currentCipher().sm4Ctr(key, nextCounter(start), text, true);
  return concatBytes(ciphertext, tagOf(key, start, ciphertext, additional));
}

/**
 * Checks the tag, then decrypts what `gcmEncrypt` returned.
 * @throws GuomiError CIPHER_KEY_INVALID, IV_INVALID, AUTHENTICATION_FAILED
 */
export function gcmDecrypt(
  key: Uint8Array,
  iv: Uint8Array,
  sealed: Uint8Array,
  additional: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const start = firstCounter(key, iv);
  const end = asBytes(sealed, 'sealed').length - TAG_BYTES;
  const ciphertext = sealed.subarray(0, Math.max(0, end));
  const tag = tagOf(key, start, ciphertext, additional);
  if (end < 0 || !equalBytes(tag, sealed.subarray(end))) {
    throw new GuomiError('AUTHENTICATION_FAILED', 'the tag is not of this key, iv and text');
  }
  return currentCipher().sm4Ctr(key, nextCounter(start), ciphertext, true);
}

/**
 * XORs the key stream that starts at a 16-byte counter block (a big-endian number) into `bytes`:
 * encryption and decryption alike, without any authentication.
 * @throws GuomiError CIPHER_KEY_INVALID, IV_INVALID
 */
export function ctr(key: Uint8Array, counter: Uint8Array, bytes: Uint8Array): Uint8Array {
  checkKey(key);
  checkIv(counter, 16);
  return currentCipher().sm4Ctr(key, counter, asBytes(bytes, 'bytes'), false);
}

/** CBC with PKCS#7 padding, for PBES2 containers. */
export function cbcEncrypt(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const pad = 16 - (plaintext.length % 16);
  const padded = concatBytes(plaintext, new Uint8Array(pad).fill(pad));
  let last = iv;
  for (let at = 0; at < padded.length; at += 16) {
    const block = padded.subarray(at, at + 16);
    xorInto(block, last);
    block.set(currentCipher().sm4Blocks(key, block, 'encrypt'));
    last = block;
  }
  return padded;
}

/** Undoes `cbcEncrypt`; undefined when length or padding is wrong. */
export function cbcDecrypt(
  key: Uint8Array,
  iv: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array | undefined {
  if (ciphertext.length === 0 || ciphertext.length % 16 !== 0) return undefined;
  const plain = currentCipher().sm4Blocks(key, ciphertext, 'decrypt');
  xorInto(plain, concatBytes(iv, ciphertext));
  const pad = plain[plain.length - 1] ?? 0;
  const tail = plain.subarray(plain.length - pad);
  const right = pad >= 1 && pad <= 16 && tail.every((byte) => byte === pad);
  const text = right ? plain.slice(0, plain.length - pad) : undefined;
  plain.fill(0);
  return text;
}

function xorInto(target: Uint8Array, other: Uint8Array): void {
  for (const [index, byte] of target.entries()) target[index] = byte ^ (other[index] ?? 0);
}

function checkKey(key: Uint8Array): void {
  if (asBytes(key, 'key').length !== 16) {
    throw new GuomiError('CIPHER_KEY_INVALID', 'an SM4 key has 16 bytes');
  }
}

function checkIv(iv: Uint8Array, length: number): void {
  if (asBytes(iv, 'iv').length !== length) {
    throw new GuomiError('IV_INVALID', `this mode starts from ${length} bytes`);
  }
}

/** J0 = iv ‖ 1. */
function firstCounter(key: Uint8Array, iv: Uint8Array): Uint8Array {
  checkKey(key);
  checkIv(iv, IV_BYTES);
  return concatBytes(iv, Uint8Array.of(0, 0, 0, 1));
}

function nextCounter(start: Uint8Array): Uint8Array {
  return concatBytes(start.subarray(0, IV_BYTES), Uint8Array.of(0, 0, 0, 2));
}

function tagOf(
  key: Uint8Array,
  start: Uint8Array,
  ciphertext: Uint8Array,
  additional: Uint8Array,
): Uint8Array {
  const lengths = new DataView(new ArrayBuffer(16));
  lengths.setBigUint64(0, BigInt(asBytes(additional, 'additional').length) * 8n);
  lengths.setBigUint64(8, BigInt(ciphertext.length) * 8n);
  const whole = (bytes: Uint8Array): number => 16 * Math.ceil(bytes.length / 16);
  const input = new Uint8Array(whole(additional) + whole(ciphertext) + 16);
  input.set(additional);
  input.set(ciphertext, whole(additional));
  input.set(new Uint8Array(lengths.buffer), input.length - 16);
  const h = currentCipher().sm4Blocks(key, new Uint8Array(16), 'encrypt');
  const tag = currentCipher().ghash(h, input);
  h.fill(0);
  xorInto(tag, currentCipher().sm4Blocks(key, start, 'encrypt'));
  return tag;
}
