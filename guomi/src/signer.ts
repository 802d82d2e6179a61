// SPDX-License-Identifier: Apache-2.0
// Signing by GB/T 32918.2-2016 §6.1: a signer keeps what one key can compute once, hedges each
// nonce, checks each signature before it leaves, and forgets its key when closed.
import { asBytes, concatBytes, copyBytes, equalBytes } from './bytes.ts';
import { engine } from './engine.ts';
import type { PreparedKey, SignRequest } from './engine-interface.ts';
import { GuomiError } from './errors.ts';
import { checkSecretKey } from './keys.ts';
import { userDigest } from './message-digest.ts';
import { freshBytes, pooledRandom, type RandomBytes } from './nonce.ts';

export type SignOptions = Readonly<{
  userId?: Uint8Array | undefined;
  /** The source of the 32 bytes that hedge the nonce; the platform's when absent. */
  random?: RandomBytes | undefined;
  /** No random bytes at all: the same input gives the same signature. For vectors. */
  deterministic?: boolean | undefined;
  /** False leaves out the check of each signature against a fault. True when absent. */
  verifyAfterSign?: boolean | undefined;
}>;

/** One secret key ready to sign many messages; `close` clears it. */
export type Signer = Readonly<{
  publicKey: Uint8Array;
  sign: (message: Uint8Array) => Uint8Array;
  signBatch: (messages: readonly Uint8Array[]) => Uint8Array[];
  close: () => void;
}>;

/**
 * Prepares a secret key for many signatures.
 * @throws GuomiError SECRET_KEY_INVALID, USER_ID_TOO_LONG; signing throws RANDOM_FAILED,
 * SIGNATURE_UNSAFE (a fault was noticed, nothing was given out) and SIGNER_CLOSED
 */
export function createSigner(
  secretKey: Uint8Array,
  { userId, random, deterministic, verifyAfterSign }: SignOptions = {},
): Signer {
  // Read once: what the caller changes afterwards changes no signature.
  const source = deterministic === true ? undefined : (random ?? pooledRandom);
  const secret = checkSecretKey(secretKey);
  let maker = engine.current();
  let key = maker.prepare(secret);
  const publicKey = maker.publicKeyOf(secret);
  const head = userDigest(maker.compress, publicKey, userId);
  if (!equalBytes(head, userDigest(maker.compress, publicKey, userId))) throw unsafe();
  let closed = false;
  // What one engine has prepared is of no use to another, should it change.
  const prepared = (): PreparedKey => {
    if (engine.current() === maker) return key;
    forgetKey(key);
    maker = engine.current();
    key = maker.prepare(secret);
    return key;
  };
  const signBatch = (messages: readonly Uint8Array[]): Uint8Array[] => {
    if (closed) throw new GuomiError('SIGNER_CLOSED', 'this signer has forgotten its key');
    const digest = (message: Uint8Array): Uint8Array =>
      engine.current().hash(concatBytes(head, asBytes(message, 'message')));
    const digests = messages.map(digest);
    const signatures = signDigests(prepared(), digests, source);
    if (verifyAfterSign === false) return signatures;
    // The digests anew: a fault in one of them would sign another message.
    const fits = messages.map((message, index) =>
      equalBytes(digest(message), digests[index] ?? head),
    );
    for (const [index, signature] of signatures.entries()) {
      if (fits[index] === true && verifies(signature, digests[index] ?? head, publicKey)) continue;
      for (const made of signatures) made.fill(0);
      throw unsafe();
    }
    return signatures;
  };
  return {
    publicKey: copyBytes(publicKey),
    signBatch,
    sign(message) {
      const [signature] = signBatch([message]);
      if (signature === undefined) throw new GuomiError('SIGNATURE_UNSAFE', 'no signature');
      return signature;
    },
    close() {
      closed = true;
      secret.fill(0);
      forgetKey(key);
    },
  };
}

/**
 * Signs `message` and returns r‖s (64 bytes).
 * @throws GuomiError SECRET_KEY_INVALID, USER_ID_TOO_LONG, RANDOM_FAILED, SIGNATURE_UNSAFE
 */
export function sign(
  message: Uint8Array,
  secretKey: Uint8Array,
  options: SignOptions = {},
): Uint8Array {
  const signer = createSigner(secretKey, options);
  try {
    return signer.sign(message);
  } finally {
    signer.close();
  }
}

function forgetKey({ secretKey, inverse }: PreparedKey): void {
  secretKey.fill(0);
  inverse.fill(0);
}

const ATTEMPTS = 64;

function signDigests(
  key: PreparedKey,
  digests: readonly Uint8Array[],
  random: RandomBytes | undefined,
): Uint8Array[] {
  const requests: SignRequest[] = digests.map((digest) => ({ digest, fresh: freshBytes(random) }));
  const signatures = [...engine.current().signDigests(key, requests)];
  return requests.map((request, index) => signatures[index] ?? retry(key, request));
}

/** A nonce that does not fit (once in 2^32): the same input with the next counter. */
function retry(key: PreparedKey, request: SignRequest): Uint8Array {
  const fresh = Uint8Array.from(request.fresh);
  for (let counter = 1; counter < ATTEMPTS; counter += 1) {
    fresh[33] = counter;
    const [signature] = engine.current().signDigests(key, [{ digest: request.digest, fresh }]);
    if (signature !== undefined) return signature;
  }
  throw new GuomiError('RANDOM_FAILED', `no nonce fitted in ${ATTEMPTS} tries`);
}

/** A fault can turn a table's number into an address outside the memory: that is a no, too. */
function verifies(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return engine.current().verifyDigest(signature, digest, publicKey);
  } catch {
    return false;
  }
}

/** A wrong signature can give the key away: one that does not verify is never given out. */
function unsafe(): GuomiError {
  return new GuomiError('SIGNATURE_UNSAFE', 'a new signature did not verify: a fault was noticed');
}
