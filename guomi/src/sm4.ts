// SPDX-License-Identifier: Apache-2.0
// SM4 (GB/T 32907-2016) in the modes for data at rest: GCM (NIST SP 800-38D, RFC 8998 §3) and CTR;
// CBC only for the containers of others (PBES2).
import { asBytes, concatBytes } from './bytes.ts';
import { currentCipher } from './cipher.ts';
import { GuomiError } from './errors.ts';
import { TAG_BYTES } from './gcm-form.ts';

const IV_BYTES = 12;

/** One key made ready for many messages; `close` clears it. */
export type GcmKey = Readonly<{
  /** As `gcmEncrypt`. @throws GuomiError IV_INVALID, CIPHER_KEY_CLOSED */
  encrypt: (iv: Uint8Array, plaintext: Uint8Array, additional?: Uint8Array) => Uint8Array;
  /** As `gcmDecrypt`. @throws GuomiError IV_INVALID, AUTHENTICATION_FAILED, CIPHER_KEY_CLOSED */
  decrypt: (iv: Uint8Array, sealed: Uint8Array, additional?: Uint8Array) => Uint8Array;
  close: () => void;
}>;

const NOTHING = new Uint8Array(0);

/**
 * Makes a key ready: round keys and hash key are computed once, which a short message costs more than itself.
 * @throws GuomiError CIPHER_KEY_INVALID
 */
export function createGcmKey(key: Uint8Array): GcmKey {
  checkKey(key);
  const prepared = currentCipher().gcmKey(key);
  let closed = false;
  const ready = (iv: Uint8Array): Uint8Array => {
    if (closed) throw new GuomiError('CIPHER_KEY_CLOSED', 'this key has been cleared');
    checkIv(iv, IV_BYTES);
    return prepared;
  };
  return {
    encrypt(iv, plaintext, additional = NOTHING) {
      const text = asBytes(plaintext, 'plaintext');
      const beside = asBytes(additional, 'additional');
      return currentCipher().gcmSeal(ready(iv), iv, text, beside);
    },
    decrypt(iv, sealed, additional = NOTHING) {
      const whole = asBytes(sealed, 'sealed');
      const beside = asBytes(additional, 'additional');
      const under = ready(iv);
      const text =
        whole.length < TAG_BYTES ? undefined : currentCipher().gcmOpen(under, iv, whole, beside);
      if (text === undefined) {
        throw new GuomiError('AUTHENTICATION_FAILED', 'the tag is not of this key, iv and text');
      }
      return text;
    },
    close() {
      closed = true;
      prepared.fill(0);
    },
  };
}

/**
 * Encrypts and authenticates; returns ciphertext ‖ 16 bytes of tag. An iv of 12 bytes must never
 * meet the same key twice.
 * @throws GuomiError CIPHER_KEY_INVALID, IV_INVALID
 */
export function gcmEncrypt(
  key: Uint8Array,
  iv: Uint8Array,
  plaintext: Uint8Array,
  additional?: Uint8Array,
): Uint8Array {
  return once(key, (ready) => ready.encrypt(iv, plaintext, additional));
}

/**
 * Checks the tag, then decrypts what `gcmEncrypt` returned.
 * @throws GuomiError CIPHER_KEY_INVALID, IV_INVALID, AUTHENTICATION_FAILED
 */
export function gcmDecrypt(
  key: Uint8Array,
  iv: Uint8Array,
  sealed: Uint8Array,
  additional?: Uint8Array,
): Uint8Array {
  return once(key, (ready) => ready.decrypt(iv, sealed, additional));
}

function once(key: Uint8Array, use: (ready: GcmKey) => Uint8Array): Uint8Array {
  const ready = createGcmKey(key);
  try {
    return use(ready);
  } finally {
    ready.close();
  }
}

/**
 * XORs the key stream that starts at a 16-byte counter block (a big-endian number) into `bytes`:
 * encryption and decryption alike, without any authentication.
 * @throws GuomiError CIPHER_KEY_INVALID, IV_INVALID
 */
export function ctr(key: Uint8Array, counter: Uint8Array, bytes: Uint8Array): Uint8Array {
  checkKey(key);
  checkIv(counter, 16);
  return currentCipher().sm4Ctr(key, counter, asBytes(bytes, 'bytes'));
}

/** CBC with PKCS#7 padding, for PBES2 containers. */
export function cbcEncrypt(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const pad = 16 - (plaintext.length % 16);
  const padded = concatBytes(plaintext, new Uint8Array(pad).fill(pad));
  let last = iv;
  try {
    for (let at = 0; at < padded.length; at += 16) {
      const block = padded.subarray(at, at + 16);
      xorInto(block, last);
      block.set(currentCipher().sm4Blocks(key, block, 'encrypt'));
      last = block;
    }
    return padded;
  } catch (error) {
    padded.fill(0); // half of it is the plaintext still
    throw error;
  }
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
