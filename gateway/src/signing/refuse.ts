// SPDX-License-Identifier: Apache-2.0
// A signer's refusal: one code, and which of its limits it was.
import type { CodedError, CodedErrorOptions } from '@zhenglian/core/errors';
import { gatewayError } from '../problem-codes.ts';
import type { GatewayErrorCode } from '../problem-codes.ts';

/** Which limit: the words of traces and `detail`. */
export const LIMIT_REASONS = [
  'purpose',
  'content',
  'authority',
  'network',
  'permit',
  'hours',
  'count',
  'keys',
] as const;
export type LimitReason = (typeof LIMIT_REASONS)[number];

/** What a refusal tells beside its code. */
export interface LimitDetail {
  readonly reason: LimitReason;
  /** Name of the permit whose hours or count it was. */
  readonly permit?: string;
}

/** SIGNER_LIMIT, ready to throw. */
export function refuse(
  reason: LimitReason,
  message: string,
  options: Pick<CodedErrorOptions, 'cause'> & { readonly permit?: string } = {},
): CodedError<GatewayErrorCode> {
  const { permit, ...rest } = options;
  const detail: LimitDetail = permit === undefined ? { reason } : { reason, permit };
  return gatewayError('SIGNER_LIMIT', message, { ...rest, detail });
}

/** The detail of a refusal; `content` when it has none of ours. */
export function limitDetail(error: CodedError<string>): LimitDetail {
  const detail = error.detail;
  if (typeof detail !== 'object' || detail === null || !('reason' in detail)) {
    return { reason: 'content' };
  }
  const reason = LIMIT_REASONS.find((each) => each === detail.reason) ?? 'content';
  const permit = 'permit' in detail && typeof detail.permit === 'string' ? detail.permit : '';
  return permit === '' ? { reason } : { reason, permit };
}
