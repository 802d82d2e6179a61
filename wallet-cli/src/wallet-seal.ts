// SPDX-License-Identifier: Apache-2.0
// Encryption of the wallet's values: AES-256-GCM under a key made of the passphrase by scrypt (RFC 7914). The first
// byte names the algorithm; the place of a value is authenticated with it, so that none opens in another's place.
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { concat, utf8 } from '@zhenglian/core/bytes';
import { walletError } from './wallet-error.ts';

/** Seals and opens values until it is wiped. */
export interface Seal {
  seal(clear: Uint8Array, place: string): Uint8Array;
  /** @throws WALLET_CORRUPT when the value was not sealed for this place with this key */
  open(sealed: Uint8Array, place: string): Uint8Array;
  /** Overwrites the key. */
  wipe(): void;
}

export const SALT_BYTES = 16;
const KEY_BYTES = 32;
const AES_256_GCM = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** N = 2^15, r = 8: 32 MiB and some tenths of a second a guess. Part of wallet format 1. */
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 << 20 };

/** The seal of a passphrase; overwrites the passphrase's bytes. */
export async function createSeal(passphrase: Uint8Array, salt: Uint8Array): Promise<Seal> {
  const key = await deriveKey(passphrase, salt).finally(() => passphrase.fill(0));
  return {
    seal(clear, place) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(utf8(place));
      const body = concat(cipher.update(clear), cipher.final());
      return concat(Uint8Array.of(AES_256_GCM), nonce, body, cipher.getAuthTag());
    },
    open(sealed, place) {
      if (sealed[0] !== AES_256_GCM || sealed.length < 1 + NONCE_BYTES + TAG_BYTES) {
        throw walletError('WALLET_CORRUPT', 'a value is sealed in no known way');
      }
      const end = sealed.length - TAG_BYTES;
      const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce);
      decipher.setAAD(utf8(place));
      decipher.setAuthTag(sealed.subarray(end));
      const body = decipher.update(sealed.subarray(1 + NONCE_BYTES, end));
      try {
        return concat(body, decipher.final());
      } catch (cause) {
        throw walletError('WALLET_CORRUPT', 'a value does not open', { cause });
      } finally {
        body.fill(0);
      }
    },
    wipe: () => void key.fill(0),
  };
}

function deriveKey(passphrase: Uint8Array, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, KEY_BYTES, SCRYPT, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
