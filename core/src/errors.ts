// SPDX-License-Identifier: Apache-2.0
// The one error class of the product. Codes are API and do not change; messages may.
// Every area keeps its own closed union here, and every code has a test.

/** Codes of `core/src/identifiers`. */
export type IdentifierErrorCode =
  | 'CITIZEN_ID_INVALID'
  | 'USCC_INVALID'
  | 'DIVISION_INVALID'
  | 'LICENCE_ID_INVALID'
  | 'FILE_NUMBER_INVALID';

/** Every code the product can throw. */
export type ErrorCode = IdentifierErrorCode;

/** What an error may carry besides its code: the cause, and data that explains it (never a field value). */
export interface CodedErrorOptions {
  readonly cause?: unknown;
  readonly detail?: unknown;
}

/** An error with a stable code; its message begins with the code, so that it survives a text-only channel. */
export class CodedError<Code extends string = ErrorCode> extends Error {
  override readonly name = 'CodedError';
  readonly code: Code;
  readonly detail: unknown;

  constructor(code: Code, message: string, options: CodedErrorOptions = {}) {
    super(`${code}: ${message}`, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.detail = options.detail;
  }
}

/** Tells whether a caught value is a coded error, and of this code where one is given. */
export function isCodedError<Code extends string = ErrorCode>(
  value: unknown,
  code?: Code,
): value is CodedError<Code> {
  return value instanceof CodedError && (code === undefined || value.code === code);
}
