// SPDX-License-Identifier: Apache-2.0
// What an engine does; the public functions check their input and leave the arithmetic to it.
import type { Compress } from './sm3-stream.ts';
import type { Module } from './wasm/wasm-module.ts';

export type EngineName = 'wasm-simd' | 'wasm' | 'complete';

/** One signature to verify; bytes of any length and content. */
export type VerifyRequest = Readonly<{
  signature: Uint8Array;
  message: Uint8Array;
  publicKey: Uint8Array;
  userId?: Uint8Array | undefined;
}>;

/** A digest to sign with its 34 bytes of nonce input: 32 random ones, mode, counter. */
export type SignRequest = Readonly<{ digest: Uint8Array; fresh: Uint8Array }>;

/** A secret key with what can be computed from it once. */
export type PreparedKey = Readonly<{ secretKey: Uint8Array; inverse: Uint8Array }>;

export type Engine = Readonly<{
  name: EngineName;
  compress: Compress;
  hash: (bytes: Uint8Array) => Uint8Array;
  /** SM3(prefix ‖ part), or without a prefix of the part alone, of each part of `partBytes` bytes, concatenated. */
  hashEach: (bytes: Uint8Array, partBytes: number, prefix?: number) => Uint8Array;
  /** False for anything malformed; throws only USER_ID_TOO_LONG. */
  verify: (request: VerifyRequest) => boolean;
  /** Each answer by itself; under constants that no fault of an earlier call has reached. */
  verifyBatch: (requests: readonly VerifyRequest[]) => boolean[];
  publicKeyOf: (secretKey: Uint8Array) => Uint8Array;
  prepare: (secretKey: Uint8Array) => PreparedKey;
  /** One try for each request; undefined asks for another counter. */
  signDigests: (
    key: PreparedKey,
    requests: readonly SignRequest[],
  ) => readonly (Uint8Array | undefined)[];
  /**
   * x‖y of secret·point for a valid 65-byte point. The self-test gives the 40 bytes that blind it, so that loading asks
   * the platform for nothing.
   */
  multiply: (secretKey: Uint8Array, publicKey: Uint8Array, blinding?: Uint8Array) => Uint8Array;
  /** The 65-byte form of a 65- or 33-byte point, undefined when it is none. */
  decompress: (publicKey: Uint8Array) => Uint8Array | undefined;
  /** Clears what hashing has left in the engine's memory: after passwords, keys, plaintexts. */
  forget: () => void;
  /** Makes the places of cached keys unforeseeable, once: before the first key of a stranger. */
  seed: () => void;
  /** The loaded module, on which the ciphers work; undefined on the complete path. */
  module: Module | undefined;
  /** Whether two lanes are faster than one here, by a short measurement with `performance.now` or this clock. */
  lanesWin: (now?: () => number) => boolean;
}>;

/** SM4 and GHASH; apart from the engine, so that who imports SM2 or SM3 alone bundles none of it. */
export type Cipher = Readonly<{
  /** Every 16-byte block of `blocks` by itself. */
  sm4Blocks: (key: Uint8Array, blocks: Uint8Array, direction: 'encrypt' | 'decrypt') => Uint8Array;
  /** Key stream from `counter` on, XORed in. */
  sm4Ctr: (key: Uint8Array, counter: Uint8Array, bytes: Uint8Array) => Uint8Array;
  /** GHASH (NIST SP 800-38D §6.4) of whole blocks under H. */
  ghash: (h: Uint8Array, blocks: Uint8Array) => Uint8Array;
  /** A key with what GCM computes of it once; every engine's is the same (gcm-form.ts). */
  gcmKey: (key: Uint8Array) => Uint8Array;
  /** The ciphertext and its tag, from a key made ready and an iv of 12 bytes. */
  gcmSeal: (
    prepared: Uint8Array,
    iv: Uint8Array,
    text: Uint8Array,
    additional: Uint8Array,
  ) => Uint8Array;
  /** The text of at least a tag's bytes; undefined when the tag is wrong. */
  gcmOpen: (
    prepared: Uint8Array,
    iv: Uint8Array,
    sealed: Uint8Array,
    additional: Uint8Array,
  ) => Uint8Array | undefined;
}>;
