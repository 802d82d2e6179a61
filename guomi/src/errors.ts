// SPDX-License-Identifier: Apache-2.0
// The one error of this room: codes are the interface, messages are for people.

/** Every reason for which this package refuses input. */
export type GuomiErrorCode =
  | 'AUTHENTICATION_FAILED'
  | 'CIPHER_KEY_CLOSED'
  | 'CIPHER_KEY_INVALID'
  | 'CIPHERTEXT_MALFORMED'
  | 'ENGINE_FAILED'
  | 'ENGINE_UNAVAILABLE'
  | 'ITERATIONS_INVALID'
  | 'IV_INVALID'
  | 'LEAVES_MALFORMED'
  | 'PARTS_MALFORMED'
  | 'PASSWORD_WRONG'
  | 'PLAINTEXT_EMPTY'
  | 'PREFIX_INVALID'
  | 'PUBLIC_KEY_INVALID'
  | 'RANDOM_FAILED'
  | 'SECRET_KEY_INVALID'
  | 'SELF_TEST_FAILED'
  | 'SIGNATURE_MALFORMED'
  | 'SIGNATURE_UNSAFE'
  | 'SIGNER_CLOSED'
  | 'SPKI_MALFORMED'
  | 'PKCS8_MALFORMED'
  | 'STREAM_FINISHED'
  | 'USER_ID_TOO_LONG';

/** Thrown for malformed input, and ENGINE_FAILED for a fault; `code` never changes meaning, `message` may. */
export class GuomiError extends Error {
  readonly code: GuomiErrorCode;

  constructor(code: GuomiErrorCode, message: string, options?: ErrorOptions) {
    super(`${code}: ${message}`, options);
    this.name = 'GuomiError';
    this.code = code;
  }
}

/** True for what was said of input, false for a failure of the engine and for anything else. */
export function isRefusal(error: unknown): error is GuomiError {
  return error instanceof GuomiError && error.code !== 'ENGINE_FAILED';
}
