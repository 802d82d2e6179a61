// SPDX-License-Identifier: Apache-2.0
// Signing by GB/T 32918.2-2016 §6.1: a signer keeps what one key can compute once, hedges each
// nonce, checks each signature before it leaves, and forgets its key when closed.
import { asBytes, concatBytes, copyBytes, equalBytes, wipe } from './bytes.ts';
import { currentEngine } from './current-engine.ts';
import type { Engine, PreparedKey, SignRequest, VerifyRequest } from './engine-interface.ts';
import { GuomiError } from './errors.ts';
import { checkSecretKey } from './keys.ts';
import { checkUserId, userDigest } from './message-digest.ts';
import { freshBytes, pooledRandom, type RandomBytes } from './nonce.ts';

/** How to sign. */
export type SignOptions = Readonly<{
  /** The signer's ID, at most 8,191 bytes; `DEFAULT_USER_ID` when absent (GB/T 32918.2-2016 §5.5). */
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
  /** 65 bytes, 04 ‖ x ‖ y. */
  publicKey: Uint8Array;
  /** r ‖ s, 64 bytes. @throws GuomiError RANDOM_FAILED, SIGNATURE_UNSAFE, SIGNER_CLOSED; TypeError */
  sign: (message: Uint8Array) => Uint8Array;
  /** One signature of 64 bytes a message, in their order: all of them or an error. @throws as `sign` */
  signBatch: (messages: readonly Uint8Array[]) => Uint8Array[];
  /** Clears the key; signing afterwards throws SIGNER_CLOSED. */
  close: () => void;
}>;

/**
 * Prepares a secret key (32 bytes in [1, n−2]) for many signatures.
 * @throws GuomiError SECRET_KEY_INVALID, USER_ID_TOO_LONG, SIGNATURE_UNSAFE; signing throws RANDOM_FAILED,
 * SIGNATURE_UNSAFE (a fault was noticed, nothing was given out) and SIGNER_CLOSED
 */
export function createSigner(
  secretKey: Uint8Array,
  { userId: givenId, random, deterministic, verifyAfterSign }: SignOptions = {},
): Signer {
  // Read once: what the caller changes afterwards changes no signature.
  const source = deterministic === true ? undefined : (random ?? pooledRandom);
  checkUserId(givenId);
  const userId = givenId && copyBytes(givenId);
  const secret = checkSecretKey(secretKey);
  let maker = currentEngine();
  const made = prepareAll(maker, secret, userId);
  const { publicKey, head } = made;
  let { key } = made;
  let closed = false;
  // What one engine has prepared is of no use to another, should it change.
  const prepared = (): PreparedKey => {
    const engine = currentEngine();
    if (engine === maker) return key;
    const anew = engine.prepare(secret); // when this throws, the old key is still the old engine's
    forgetKey(key);
    maker = engine;
    key = anew;
    return key;
  };
  const signBatch = (messages: readonly Uint8Array[]): Uint8Array[] => {
    if (closed) throw new GuomiError('SIGNER_CLOSED', 'this signer has forgotten its key');
    const contents = messages.map((message) => asBytes(message, 'message'));
    const digests = contents.map((content) => currentEngine().hash(concatBytes(head, content)));
    const signatures = signDigests(prepared(), digests, source);
    if (verifyAfterSign === false) return signatures;
    // From the messages, not their digests: a fault in one of those would sign another message.
    const requests = contents.map((message, index) => {
      return { signature: signatures[index] ?? head, message, publicKey, userId };
    });
    if (allVerify(requests)) return signatures;
    for (const signature of signatures) wipe(signature);
    throw unsafe();
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

/** What a key computes once. When that fails, nothing of the key stays behind. */
function prepareAll(
  maker: Engine,
  secret: Uint8Array,
  userId: Uint8Array | undefined,
): Readonly<{ key: PreparedKey; publicKey: Uint8Array; head: Uint8Array }> {
  let key: PreparedKey | undefined;
  try {
    key = maker.prepare(secret);
    const publicKey = maker.publicKeyOf(secret);
    const head = userDigest(maker.compress, publicKey, userId);
    if (!equalBytes(head, userDigest(maker.compress, publicKey, userId))) throw unsafe();
    return { key, publicKey, head };
  } catch (error) {
    wipe(secret, key?.secretKey, key?.inverse);
    throw error;
  }
}

/**
 * Signs `message` under a secret key of 32 bytes and returns r‖s (64 bytes), GB/T 32918.2-2016 §6.1.
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
  wipe(secretKey, inverse);
}

const ATTEMPTS = 64;

function signDigests(
  key: PreparedKey,
  digests: readonly Uint8Array[],
  random: RandomBytes | undefined,
): Uint8Array[] {
  const requests: SignRequest[] = digests.map((digest) => ({ digest, fresh: freshBytes(random) }));
  const signatures = [...currentEngine().signDigests(key, requests)];
  return requests.map((request, index) => signatures[index] ?? retry(key, request));
}

/** A nonce that does not fit (once in 2^32): the same input with the next counter. */
function retry(key: PreparedKey, request: SignRequest): Uint8Array {
  const fresh = Uint8Array.from(request.fresh);
  for (let counter = 1; counter < ATTEMPTS; counter += 1) {
    fresh[33] = counter;
    const [signature] = currentEngine().signDigests(key, [{ digest: request.digest, fresh }]);
    if (signature !== undefined) return signature;
  }
  throw new GuomiError('RANDOM_FAILED', `no nonce fitted in ${ATTEMPTS} tries`);
}

/** A fault can turn a table's number into an address outside the memory: that is a no, too. */
function allVerify(requests: readonly VerifyRequest[]): boolean {
  try {
    const answers = currentEngine().verifyBatch(requests);
    return answers.length === requests.length && answers.every((isRight) => isRight);
  } catch {
    return false;
  }
}

/** A wrong signature can give the key away: one that does not verify is never given out. */
function unsafe(): GuomiError {
  return new GuomiError('SIGNATURE_UNSAFE', 'a new signature did not verify: a fault was noticed');
}
