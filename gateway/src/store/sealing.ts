// SPDX-License-Identifier: Apache-2.0
// How a value is sealed (docs/storage.md §3). The first byte names the algorithm; the place of a value is authenticated
// with it, so that no value opens in another's place.
import { createDecipheriv } from 'node:crypto';
import type { sm4 } from '@zhenglian/guomi';
import { concat, utf8 } from '@zhenglian/core/bytes';
import { gatewayError } from '../problem-codes.ts';
import { createRandomPool } from '../random-pool.ts';

/** First bytes. */
export const ALGORITHM = {
  /** 1 ‖ nonce ‖ text ‖ tag, under the first master key: what earlier versions wrote. */
  aes256Gcm: 1,
  /** 2 ‖ version of the master key (2 bytes) ‖ nonce ‖ text ‖ tag. */
  sm4Gcm: 2,
  /** 3 ‖ nonce ‖ text ‖ tag, under a data key. */
  dataKey: 3,
} as const;

export const SM4_KEY_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const random = createRandomPool();

/** Seals under an SM4 key behind a header. */
export function sealSm4(
  header: Uint8Array,
  key: sm4.GcmKey,
  clear: Uint8Array,
  place: string,
): Uint8Array {
  const nonce = random(NONCE_BYTES);
  return concat(header, nonce, key.encrypt(nonce, clear, utf8(place)));
}

/** Opens what `sealSm4` made. @throws STORE_CORRUPT */
export function openSm4(
  headerBytes: number,
  key: sm4.GcmKey,
  sealed: Uint8Array,
  place: string,
): Uint8Array {
  if (sealed.length < headerBytes + NONCE_BYTES + TAG_BYTES) throw sealedWrong();
  const nonce = sealed.subarray(headerBytes, headerBytes + NONCE_BYTES);
  try {
    return key.decrypt(nonce, sealed.subarray(headerBytes + NONCE_BYTES), utf8(place));
  } catch (cause) {
    throw sealedWrong(cause);
  }
}

/** Opens what earlier versions sealed. @throws STORE_CORRUPT */
export function openAes(key: Uint8Array, sealed: Uint8Array, place: string): Uint8Array {
  const end = sealed.length - TAG_BYTES;
  if (end < 1 + NONCE_BYTES) throw sealedWrong();
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + NONCE_BYTES));
  decipher.setAAD(utf8(place));
  decipher.setAuthTag(sealed.subarray(end));
  try {
    return concat(decipher.update(sealed.subarray(1 + NONCE_BYTES, end)), decipher.final());
  } catch (cause) {
    throw sealedWrong(cause);
  }
}

/** An empty value hides nothing and is stored as it is. */
export function isEmpty(value: Uint8Array): boolean {
  return value.length === 0;
}

/** The error of a value that does not open. */
export function sealedWrong(cause?: unknown): Error {
  return gatewayError('STORE_CORRUPT', 'a stored value does not open', { cause });
}
