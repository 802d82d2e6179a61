// SPDX-License-Identifier: Apache-2.0
// The complete path as an engine: @noble/curves and the rolled SM3. Slow, without exceptional
// cases, not constant time: the fallback where WebAssembly is missing.
import { concatBytes, copyBytes } from './bytes.ts';
import { multiply, multiplyBase, signDigest, verifyDigest } from './complete.ts';
import { pointOf } from './curve.ts';
import type { Engine, VerifyRequest } from './engine-interface.ts';
import { checkUserId, messageDigest } from './message-digest.ts';
import { compressRolled } from './sm3-rolled.ts';
import { createStream, hmacWith } from './sm3-stream.ts';

/** Makes the engine; there is nothing to load. */
export function createCompleteEngine(): Engine {
  const hash = (bytes: Uint8Array): Uint8Array =>
    createStream(compressRolled).update(bytes).digest();
  return {
    name: 'complete',
    compress: compressRolled,
    hash,
    hashEach(bytes, partBytes, prefix) {
      const head = prefix === undefined ? new Uint8Array(0) : Uint8Array.of(prefix);
      const digests = new Uint8Array((32 * bytes.length) / partBytes);
      for (let at = 0, out = 0; at < bytes.length; at += partBytes, out += 32) {
        digests.set(hash(concatBytes(head, bytes.subarray(at, at + partBytes))), out);
      }
      return digests;
    },
    verify: verifyRequest,
    verifyBatch: (requests) => requests.map(verifyRequest),
    publicKeyOf: multiplyBase,
    prepare: (secretKey) => ({ secretKey: copyBytes(secretKey), inverse: new Uint8Array(0) }),
    signDigests: ({ secretKey }, requests) =>
      requests.map(({ digest, fresh }) =>
        signDigest(
          digest,
          secretKey,
          hmacWith(compressRolled, secretKey, concatBytes(digest, fresh)),
        ),
      ),
    multiply: (secretKey, publicKey) => multiply(secretKey, publicKey),
    decompress: (publicKey) => pointOf(publicKey)?.toBytes(false),
    forget: () => undefined,
    seed: () => undefined,
    module: undefined,
    lanesWin: () => false,
  };
}

function verifyRequest({ signature, message, publicKey, userId }: VerifyRequest): boolean {
  checkUserId(userId);
  const point = pointOf(publicKey)?.toBytes(false);
  if (point === undefined) return false;
  return verifyDigest(signature, messageDigest(compressRolled, message, point, userId), point);
}
