// SPDX-License-Identifier: Apache-2.0
// The authorities' SM2 keys as the desk uses them: each behind a function that signs contents with a purpose, here or
// in another process. Whoever holds the key builds what is signed from the content, and so knows what it signs.
import type { SignedContent } from '@zhenglian/core/signing';
import type { IssuingAuthority } from './config.ts';
import type { KeyInfo, KeySession } from './signing/key-store.ts';

/** An authority whose key this gateway may use. */
export interface AuthoritySigner {
  readonly uscc: string;
  readonly types: readonly string[];
  /** 33 bytes. */
  readonly publicKey: Uint8Array;
  /** 8 bytes. */
  readonly kid: Uint8Array;
  /**
   * One signature of 64 bytes `r ‖ s` a content, in their order: all of them or an error.
   * @throws SIGNER_UNAVAILABLE, SIGNER_LIMIT, SIGNER_KEY_UNKNOWN
   */
  sign(contents: readonly SignedContent[]): Promise<readonly Uint8Array[]>;
}

/** The signers at hand. Empty until keys are registered, and always on a read-only gateway. */
export interface Signers {
  /** The authority that issues a type here. */
  forType(type: string): AuthoritySigner | undefined;
  /** Its newest key, which signs what comes. */
  forAuthority(uscc: string): AuthoritySigner | undefined;
  /** The newest of each authority. */
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

/** A signer of a key in a store. */
export function createAuthoritySigner(
  { uscc, types }: IssuingAuthority,
  { handle, publicKey, kid }: KeyInfo,
  session: KeySession,
): AuthoritySigner {
  return { uscc, types, publicKey, kid, sign: (contents) => session.sign(handle, contents) };
}
