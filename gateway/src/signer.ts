// SPDX-License-Identifier: Apache-2.0
// The authorities' SM2 keys of this gateway, each behind a function that signs.
import { sm2 } from '@zhenglian/guomi';
import { keyId } from '@zhenglian/core/signing';
import type { Signer } from '@zhenglian/core/signing';

/** An authority whose key this gateway holds. */
export interface AuthoritySigner extends Signer {
  readonly uscc: string;
  readonly kid: Uint8Array;
  readonly types: readonly string[];
}

/** The signers at hand. Empty until keys are registered, and always on a read-only gateway. */
export interface Signers {
  /** The authority that issues a type here. */
  forType(type: string): AuthoritySigner | undefined;
  forAuthority(uscc: string): AuthoritySigner | undefined;
  all(): readonly AuthoritySigner[];
}

/** A signer of a secret key. */
export function createAuthoritySigner(
  authority: { readonly uscc: string; readonly types: readonly string[] },
  secretKey: Uint8Array,
): AuthoritySigner {
  const { uscc, types } = authority;
  // It keeps what one key can compute once, which is half of a signature's work.
  const signer = sm2.createSigner(secretKey);
  const publicKey = sm2.compressPublicKey(signer.publicKey);
  return { uscc, types, publicKey, kid: keyId(publicKey), sign: signer.sign };
}

/** A collection that grows as keys become ready. */
export function createSigners(): Signers & { readonly add: (signer: AuthoritySigner) => void } {
  const signers = new Map<string, AuthoritySigner>();
  return {
    forType: (type) => [...signers.values()].find((signer) => signer.types.includes(type)),
    forAuthority: (uscc) => signers.get(uscc),
    all: () => [...signers.values()],
    add: (signer) => void signers.set(signer.uscc, signer),
  };
}
