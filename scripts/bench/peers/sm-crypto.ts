// SPDX-License-Identifier: Apache-2.0
// The SM2 of sm-crypto, which most Chinese projects use, and of sm-crypto-v2, its successor on @noble/curves; with the
// public key given, so that it is not derived each time, and with the table of it that the second can make.
import { createRequire } from 'node:module';
import { toHex } from '@zhenglian/core/bytes';

/** Signatures of one key pair; a signature is in hex. */
export interface SmCryptoPeer {
  readonly sign: (message: Uint8Array) => string;
  readonly verify: (message: Uint8Array, signature: string) => boolean;
}

interface SmCryptoOptions {
  readonly hash: true;
  readonly der: false;
  readonly publicKey: string;
  readonly userId: string;
}
interface SmCrypto {
  readonly sm2: {
    doSignature(message: Uint8Array, secretKey: string, options: SmCryptoOptions): string;
    doVerifySignature(
      message: Uint8Array,
      signature: string,
      publicKey: unknown,
      options: SmCryptoOptions,
    ): boolean;
    /** Only of the second. */
    readonly precomputePublicKey?: (publicKey: string) => unknown;
  };
}

/** The peer over a key pair: the secret key of 32 bytes, the public one of 65. @throws TypeError */
export function createSmCryptoPeer(
  secretKey: Uint8Array,
  publicKey: Uint8Array,
  library: 'sm-crypto' | 'sm-crypto-v2' = 'sm-crypto',
): SmCryptoPeer {
  const load: (name: string) => unknown = createRequire(import.meta.url);
  const loaded = load(library);
  if (!isSmCrypto(loaded)) throw new TypeError(`${library} has changed its interface`);
  const { sm2 } = loaded;
  const [secretHex, publicHex] = [toHex(secretKey), toHex(publicKey)];
  const options = {
    hash: true,
    der: false,
    publicKey: publicHex,
    userId: '1234567812345678',
  } as const;
  const known = sm2.precomputePublicKey?.(publicHex) ?? publicHex;
  return {
    sign: (message) => sm2.doSignature(message, secretHex, options),
    verify: (message, signature) => sm2.doVerifySignature(message, signature, known, options),
  };
}

function isSmCrypto(loaded: unknown): loaded is SmCrypto {
  return (
    typeof loaded === 'object' &&
    loaded !== null &&
    'sm2' in loaded &&
    typeof loaded.sm2 === 'object' &&
    loaded.sm2 !== null &&
    'doSignature' in loaded.sm2 &&
    'doVerifySignature' in loaded.sm2
  );
}
