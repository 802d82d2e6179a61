// SPDX-License-Identifier: Apache-2.0
// Where authorities' keys live, in the shape of PKCS#11: sessions, keys found and generated in them, signatures by the
// handle of a key, and no way to take a key out. Two hold keys: files here, and a signer process (docs/signer.md).
import type { SignedContent } from '@zhenglian/core/signing';

/** What is known of a key outside its store. */
export interface KeyInfo {
  /** Names the key within its session. */
  readonly handle: number;
  /** USCC of the authority that it signs for. */
  readonly authority: string;
  /** 33 bytes. */
  readonly publicKey: Uint8Array;
  /** 8 bytes. */
  readonly kid: Uint8Array;
  /** Unix seconds. */
  readonly createdAt: number;
}

/** A use of the store. After `close` its handles name nothing. */
export interface KeySession {
  /** All keys, oldest first. @throws SIGNER_UNAVAILABLE */
  listKeys(): Promise<readonly KeyInfo[]>;
  /** Makes a key pair that never leaves the store. It is durable when this returns. @throws SIGNER_UNAVAILABLE, SIGNER_LIMIT when the authority has too many */
  generateKey(authority: string): Promise<KeyInfo>;
  /**
   * One signature of 64 bytes `r ‖ s` a content, in their order: all of them or an error.
   * @throws SIGNER_UNAVAILABLE, SIGNER_KEY_UNKNOWN; SIGNER_LIMIT with a `detail` of {reason, permit?}
   */
  sign(handle: number, contents: readonly SignedContent[]): Promise<readonly Uint8Array[]>;
  close(): Promise<void>;
}

/** A store of keys. */
export interface KeyStore {
  /** @throws SIGNER_UNAVAILABLE once the store is closed */
  openSession(): Promise<KeySession>;
  /** Codes of why it cannot sign now; empty when all is well. */
  troubles(): readonly string[];
  /** Forgets keys, ends connections. */
  close(): Promise<void>;
}
