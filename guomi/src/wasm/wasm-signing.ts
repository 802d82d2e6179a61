// SPDX-License-Identifier: Apache-2.0
// What the module does with secrets: public keys, signatures, products. Whatever happens on the way, what a secret
// has touched in its memory is cleared at the end.
import {
  multiply as multiplyCompletely,
  multiplyBase as multiplyBaseCompletely,
} from '../complete.ts';
import { concatBytes, copyBytes, wipe } from '../bytes.ts';
import type { PreparedKey, SignRequest } from '../engine-interface.ts';
import { pooledRandom } from '../nonce.ts';
import { AREA, SIGN_BATCH_MAX } from './layout.ts';
import type { Module } from './wasm-module.ts';

const BLINDING_BYTES = 40; // a factor of n and a coordinate: they change no answer

/** The 65-byte public key of a valid secret key. */
export function publicKeyOf(module: Module, secretKey: Uint8Array): Uint8Array {
  return wiped(module, 0, () => {
    module.write(secretKey, AREA.secret);
    const found = module.exports.derive() === 1;
    const key = concatBytes(Uint8Array.of(4), module.read(AREA.key, 64));
    return found ? key : multiplyBaseCompletely(secretKey);
  });
}

/** A secret key with (1 + d)⁻¹, in memory of its own. */
export function prepare(module: Module, secretKey: Uint8Array): PreparedKey {
  return wiped(module, 0, () => {
    module.write(secretKey, AREA.secret);
    module.exports.prepareSigner();
    return { secretKey: copyBytes(secretKey), inverse: module.read(AREA.inverse, 36) };
  });
}

/** One try for each request, so many at a time as the module has room for. */
export function signDigests(
  module: Module,
  key: PreparedKey,
  requests: readonly SignRequest[],
): readonly (Uint8Array | undefined)[] {
  const signatures: (Uint8Array | undefined)[] = [];
  for (let start = 0; start < requests.length; start += SIGN_BATCH_MAX) {
    const part = requests.slice(start, start + SIGN_BATCH_MAX);
    signatures.push(...wiped(module, part.length, () => signPart(module, key, part)));
  }
  return signatures;
}

function signPart(
  module: Module,
  key: PreparedKey,
  requests: readonly SignRequest[],
): (Uint8Array | undefined)[] {
  const { makeNonce, signPoint, signInvert, signFinish } = module.exports;
  module.write(key.secretKey, AREA.secret);
  module.write(key.inverse, AREA.inverse);
  for (const [index, { digest, fresh }] of requests.entries()) {
    module.write(digest, AREA.digest);
    module.write(fresh, AREA.fresh);
    makeNonce();
    signPoint(index);
  }
  signInvert(requests.length);
  return requests.map(({ digest }, index) => {
    module.write(digest, AREA.digest);
    return signFinish(index) === 1 ? module.read(AREA.signature, 64) : undefined;
  });
}

/** x‖y of secret·point, blinded by 40 random bytes unless some are given. */
export function multiply(
  module: Module,
  secretKey: Uint8Array,
  publicKey: Uint8Array,
  blinding?: Uint8Array,
): Uint8Array {
  return wiped(module, 0, () => {
    module.write(secretKey, AREA.secret);
    const fresh = blinding === undefined ? pooledRandom(BLINDING_BYTES) : copyBytes(blinding);
    // A coordinate of zero is no point: what a generator that fails gives must not end on the complete path.
    fresh[BLINDING_BYTES - 1] = (fresh[BLINDING_BYTES - 1] ?? 0) | 1;
    module.write(fresh, AREA.fresh);
    wipe(fresh);
    module.write(publicKey.subarray(1), AREA.key);
    try {
      const found = module.exports.multiplyKey() === 1;
      return found ? module.read(AREA.key, 64) : multiplyCompletely(secretKey, publicKey);
    } finally {
      module.clear(AREA.key, 64);
    }
  });
}

/** Does the work and clears the module of it, also when the work throws: a trap, a source that failed. */
function wiped<T>(module: Module, count: number, work: () => T): T {
  try {
    return work();
  } finally {
    module.exports.wipe(count);
  }
}
