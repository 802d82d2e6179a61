// SPDX-License-Identifier: Apache-2.0
// The authorities' SM2 keys as the desk uses them: each behind a function that signs contents with a purpose, here or
// in another process. Whoever holds the key builds what is signed from the content, and so knows what it signs.
import { sm2 } from '@zhenglian/guomi';
import { keyId, sigStructure } from '@zhenglian/core/signing';
import type { SignedContent } from '@zhenglian/core/signing';

/** An authority whose key this gateway may use. */
export interface AuthoritySigner {
  readonly uscc: string;
  readonly types: readonly string[];
  /** 33 bytes. */
  readonly publicKey: Uint8Array;
  /** 8 bytes. */
  readonly kid: Uint8Array;
  /** One signature of 64 bytes `r ‖ s` a content, in their order: all of them or an error. */
  sign(contents: readonly SignedContent[]): Promise<readonly Uint8Array[]>;
}

/** The signers at hand. Empty until keys are registered, and always on a read-only gateway. */
export interface Signers {
  /** The authority that issues a type here. */
  forType(type: string): AuthoritySigner | undefined;
  forAuthority(uscc: string): AuthoritySigner | undefined;
  all(): readonly AuthoritySigner[];
}

/** Signs one content. */
export async function signOne(
  signer: Pick<AuthoritySigner, 'sign'>,
  content: SignedContent,
): Promise<Uint8Array> {
  const [signature] = await signer.sign([content]);
  if (signature === undefined) throw new TypeError('unreachable: one signature a content');
  return signature;
}

/** A signer of a secret key in this process. */
export function createAuthoritySigner(
  authority: { readonly uscc: string; readonly types: readonly string[] },
  secretKey: Uint8Array,
): AuthoritySigner {
  const { uscc, types } = authority;
  // It keeps what one key can compute once, which is half of a signature's work.
  const signer = sm2.createSigner(secretKey);
  const publicKey = sm2.compressPublicKey(signer.publicKey);
  const kid = keyId(publicKey);
  return {
    uscc,
    types,
    publicKey,
    kid,
    sign: (contents) =>
      Promise.resolve(
        signer.signBatch(contents.map((content) => sigStructure({ ...content, kid }))),
      ),
  };
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
