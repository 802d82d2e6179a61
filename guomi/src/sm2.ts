// SPDX-License-Identifier: Apache-2.0
// The sm2 namespace: signatures and keys.
export { decryptPkcs8, encryptPkcs8, type EncryptKeyOptions } from './encrypted-pkcs8.ts';
export { decrypt, encrypt, type CiphertextFormat, type EncryptOptions } from './encryption.ts';
export { decodePkcs8, decodeSpki, encodePkcs8, encodeSpki } from './key-containers.ts';
export {
  compressPublicKey,
  decompressPublicKey,
  generateKeyPair,
  publicKeyOf,
  type KeyPair,
} from './keys.ts';
export { DEFAULT_USER_ID } from './message-digest.ts';
export type { RandomBytes } from './nonce.ts';
export {
  decodeSignatureDer,
  encodeSignatureDer,
  verify,
  verifyBatch,
  type VerifyItem,
  type VerifyOptions,
} from './signature.ts';
export { createSigner, sign, type Signer, type SignOptions } from './signer.ts';
