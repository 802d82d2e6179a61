// SPDX-License-Identifier: Apache-2.0
// The wallet's own error codes. Codes of core and of the gateway's claims pass through as they are.
import { CodedError, isCodedError } from '@zhenglian/core/errors';
import type { CodedErrorOptions } from '@zhenglian/core/errors';
import type { Label } from '@zhenglian/core/types/definition';

export type WalletErrorCode =
  | 'USAGE'
  | 'WALLET_MISSING'
  | 'WALLET_EXISTS'
  | 'WALLET_LOCKED'
  | 'WALLET_CORRUPT'
  | 'WALLET_UNWRITABLE'
  | 'PASSPHRASE_NEEDED'
  | 'PASSPHRASE_WRONG'
  | 'PASSPHRASE_WEAK'
  | 'PASSPHRASE_MISMATCH'
  | 'NOT_IN_WALLET'
  | 'LICENCE_AMBIGUOUS'
  | 'SET_UNKNOWN'
  | 'REQUEST_EXPIRED'
  | 'COPY_EXPIRED'
  | 'COPY_REFUSED'
  | 'NETWORK_MISMATCH'
  | 'FINGERPRINT_NEEDED'
  | 'GATEWAY_UNREACHABLE'
  | 'GATEWAY_ANSWER'
  | 'GATEWAY_REFUSED'
  | 'DECLINED'
  | 'OUTPUT_UNWRITABLE'
  | GatewayCode;

/** Codes of the gateway that a holder can do something about; any other is GATEWAY_REFUSED (docs/api.md §3). */
export const GATEWAY_CODES = [
  'CLAIM_CODE_UNKNOWN',
  'CLAIM_CODE_SPENT',
  'CLAIM_CODE_EXPIRED',
  'CLAIM_TRIES',
  'CLAIM_PROOF',
  'LICENCE_NOT_LIVING',
  'COPY_UNKNOWN',
  'ANCHOR_WAIT',
] as const;
export type GatewayCode = (typeof GATEWAY_CODES)[number];

/** Throws-ready error with a code of the wallet. */
export function walletError(
  code: WalletErrorCode,
  message: string,
  options: CodedErrorOptions = {},
): CodedError<WalletErrorCode> {
  return new CodedError(code, message, options);
}

/** A command line that cannot be meant; its words are its own. */
export class UsageError extends CodedError<'USAGE'> {
  readonly words: Label;

  constructor(words: Label, options: CodedErrorOptions = {}) {
    super('USAGE', words.en, options);
    this.words = words;
  }
}

/** Throws-ready usage error. */
export function usageError(words: Label, options: CodedErrorOptions = {}): UsageError {
  return new UsageError(words, options);
}

/** Tells whether a caught value carries this code of the wallet. */
export function isWalletError(value: unknown, ...codes: readonly WalletErrorCode[]): boolean {
  return codes.some((code) => isCodedError<WalletErrorCode>(value, code));
}
