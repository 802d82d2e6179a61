// SPDX-License-Identifier: Apache-2.0
// Requests in a time: of an account wherever it calls from, and of an address that shows none. Answers tell what is
// left (RateLimit fields of draft-ietf-httpapi-ratelimit-headers), refusals when to come again.
import type { RequestHandler } from 'express';
import type { DoorConfig } from '../config/door.ts';
import { subscriberOf } from '../http/proxies.ts';
import { createTokenBuckets } from '../http/token-buckets.ts';
import { gatewayError } from '../problem-codes.ts';
import { principalOf } from './auth.ts';

/** Those who watch the process ask often and for nothing. */
const UNCOUNTED = new Set(['/healthz', '/readyz']);

/** Refuses what is too much; comes after `authenticate`. Error: RATE_LIMITED. */
export function limitRates(
  { accountRate, addressRate }: DoorConfig,
  now: () => number = () => performance.now(),
): RequestHandler {
  const accounts = createTokenBuckets(accountRate, now);
  const addresses = createTokenBuckets(addressRate, now);
  return function limitRate(request, response, next) {
    if (UNCOUNTED.has(request.path)) {
      next();
      return;
    }
    const account = principalOf(request)?.actor;
    const { isAllowed, remaining, fullIn, retryIn } =
      account === undefined
        ? addresses.take(subscriberOf(request.ip ?? ''))
        : accounts.take(account);
    const { requests } = account === undefined ? addressRate : accountRate;
    response.setHeader('RateLimit-Limit', requests);
    response.setHeader('RateLimit-Remaining', remaining);
    response.setHeader('RateLimit-Reset', fullIn);
    if (!isAllowed) {
      response.setHeader('Retry-After', retryIn);
      throw gatewayError('RATE_LIMITED', 'too many requests');
    }
    next();
  };
}
