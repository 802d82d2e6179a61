// SPDX-License-Identifier: Apache-2.0
// SM4 (GB/T 32907-2016) in the modes for data at rest: GCM (NIST SP 800-38D, RFC 8998 §3) and CTR;
// CBC only for the containers of others (PBES2).
import { asBytes, concatBytes, equalBytes } from './bytes.ts';
import { currentCipher } from './cipher.ts';
import { GuomiError } from './errors.ts';

const TAG_BYTES = 16;
const IV_BYTES = 12;
/** Up to here the hash key, the tag's mask and the key stream come from one call: one key schedule, not three. */
const SHORT_BYTES = 4096;

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
  const text = asBytes(plaintext, 'plaintext');
  const pads = padsOf(key, iv, text.length);
  const ciphertext = applyStream(key, pads, text);
  const sealed = concatBytes(ciphertext, tagOf(pads, ciphertext, additional));
  pads.blocks.fill(0);
  return sealed;
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
  const end = asBytes(sealed, 'sealed').length - TAG_BYTES;
  const ciphertext = sealed.subarray(0, Math.max(0, end));
  const pads = padsOf(key, iv, ciphertext.length);
  const tag = tagOf(pads, ciphertext, additional);
  const isRight = end >= 0 && equalBytes(tag, sealed.subarray(end));
  const text = isRight ? applyStream(key, pads, ciphertext) : undefined;
  pads.blocks.fill(0);
  if (text === undefined) {
    throw new GuomiError('AUTHENTICATION_FAILED', 'the tag is not of this key, iv and text');
  }
  return text;
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

/** What a message needs of the block cipher. */
interface Pads {
  /** J0 + 1 = iv ‖ 2. */
  readonly counter: Uint8Array;
  /** The hash key, the mask of the tag, and for a short text its key stream. */
  readonly blocks: Uint8Array;
}

/** Enciphers 0, J0 = iv ‖ 1 and, for a short text, the counters after it. */
function padsOf(key: Uint8Array, iv: Uint8Array, length: number): Pads {
  checkKey(key);
  checkIv(iv, IV_BYTES);
  const count = 2 + (length <= SHORT_BYTES ? Math.ceil(length / 16) : 0);
  const blocks = new Uint8Array(16 * count);
  for (let i = 1; i < count; i += 1) {
    blocks.set(iv, 16 * i);
    blocks[16 * i + 14] = i >> 8;
    blocks[16 * i + 15] = i & 0xff;
  }
  const counter = concatBytes(iv, Uint8Array.of(0, 0, 0, 2));
  return { counter, blocks: currentCipher().sm4Blocks(key, blocks, 'encrypt') };
}

function applyStream(key: Uint8Array, { counter, blocks }: Pads, text: Uint8Array): Uint8Array {
  if (text.length > SHORT_BYTES) return currentCipher().sm4Ctr(key, counter, text, true);
  const result = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) result[i] = (text[i] ?? 0) ^ (blocks[32 + i] ?? 0);
  return result;
}

function tagOf(pads: Pads, ciphertext: Uint8Array, additional: Uint8Array): Uint8Array {
  const whole = (bytes: Uint8Array): number => 16 * Math.ceil(bytes.length / 16);
  const before = whole(asBytes(additional, 'additional')) + whole(ciphertext);
  const input = new Uint8Array(before + 16);
  input.set(additional);
  input.set(ciphertext, whole(additional));
  setBits(input, before, additional.length);
  setBits(input, before + 8, ciphertext.length);
  const tag = currentCipher().ghash(pads.blocks.subarray(0, 16), input);
  xorInto(tag, pads.blocks.subarray(16, 32));
  return tag;
}

/** A length in bits as a big-endian number of eight bytes. */
function setBits(target: Uint8Array, at: number, bytes: number): void {
  const view = new DataView(target.buffer, at, 8);
  view.setUint32(0, Math.floor(bytes / 0x2000_0000));
  view.setUint32(4, (bytes * 8) >>> 0);
}
