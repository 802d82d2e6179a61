// SPDX-License-Identifier: Apache-2.0
// Holder keys: made here, one for each claim, kept sealed under a random name, in the clear only while they sign.
import { sm2 } from '@zhenglian/guomi';
import { toHex } from '@zhenglian/core/bytes';
import { compressKey } from '@zhenglian/core/signing';
import type { Signer } from '@zhenglian/core/signing';
import { walletError } from './wallet-error.ts';
import type { Change, WalletFile } from './wallet-file.ts';

const keyOf = (ref: string) => `key/${ref}`;

/** Makes a key and keeps it, with whatever else belongs into the same write; gives its name. */
export async function createHolderKey(
  file: WalletFile,
  random: (length: number) => Uint8Array,
  also: (ref: string) => readonly Change[],
): Promise<string> {
  const ref = toHex(random(8));
  const { secretKey } = sm2.generateKeyPair();
  try {
    await file.write([{ key: keyOf(ref), value: secretKey }, ...also(ref)]);
  } finally {
    secretKey.fill(0);
  }
  return ref;
}

/** Lets some work sign with a key; the signer is dead afterwards. @throws WALLET_CORRUPT when the key is not there */
export async function withHolderKey<T>(
  file: WalletFile,
  ref: string,
  work: (signer: Signer) => T,
): Promise<T> {
  const secretKey = await file.get(keyOf(ref));
  if (secretKey === undefined) throw walletError('WALLET_CORRUPT', 'a key is missing');
  try {
    const publicKey = compressKey(sm2.publicKeyOf(secretKey));
    return work({ publicKey, sign: (message) => sm2.sign(message, secretKey) });
  } finally {
    secretKey.fill(0);
  }
}

/** The change that forgets a key. */
export function forgetHolderKey(ref: string): Change {
  return { key: keyOf(ref) };
}
