// SPDX-License-Identifier: Apache-2.0
// Requests in a time: of an account wherever it calls from, and of an address that shows none. Answers tell what is
// left (RateLimit fields of draft-ietf-httpapi-ratelimit-headers), refusals when to come again.
import type { Request, RequestHandler, Response } from 'express';
import type { DoorConfig, Rate } from '../config/door.ts';
import { subscriberOf } from '../http/proxies.ts';
import { createTokenBuckets } from '../http/token-buckets.ts';
import type { Taken } from '../http/token-buckets.ts';
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
    if (isUncounted(request)) {
      next();
      return;
    }
    const account = principalOf(request)?.actor;
    const taken =
      account === undefined
        ? addresses.take(subscriberOf(request.ip ?? ''))
        : accounts.take(account);
    const rate = account === undefined ? addressRate : accountRate;
    if (!taken.isAllowed) refuseTooMany(response, rate, taken);
    tellLeft(response, rate, taken);
    next();
  };
}

/** Whether a request is of those who watch the process. */
export function isUncounted({ path }: Request): boolean {
  return UNCOUNTED.has(path);
}

/** Says when to come again. @throws RATE_LIMITED */
export function refuseTooMany(response: Response, rate: Rate, taken: Taken): never {
  tellLeft(response, rate, taken);
  response.setHeader('Retry-After', taken.retryIn);
  throw gatewayError('RATE_LIMITED', 'too many requests');
}

function tellLeft(response: Response, { requests }: Rate, { remaining, fullIn }: Taken): void {
  response.setHeader('RateLimit-Limit', requests);
  response.setHeader('RateLimit-Remaining', remaining);
  response.setHeader('RateLimit-Reset', fullIn);
}
