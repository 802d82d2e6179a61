// SPDX-License-Identifier: Apache-2.0
// Token buckets: so many requests at once, refilled evenly. In memory: each instance counts for itself, a restart
// forgives. The number of buckets is bounded; the oldest that was
// not refused lately is forgotten first, which is to fill it.
import type { Rate } from '../config/door.ts';

/** What is left after a request. */
export interface Taken {
  readonly isAllowed: boolean;
  /** Whole requests left. */
  readonly remaining: number;
  /** Seconds until the bucket is full again, rounded up. */
  readonly fullIn: number;
  /** Seconds until a request is allowed; 0 when it was. */
  readonly retryIn: number;
}

export interface TokenBuckets {
  take(name: string): Taken;
}

const MOST_BUCKETS = 100_000;

/** Buckets of one rate. `now` in milliseconds, never running back. */
export function createTokenBuckets({ requests, seconds }: Rate, now: () => number): TokenBuckets {
  const buckets = new Map<string, { tokens: number; at: number }>();
  const each = (seconds * 1000) / requests;
  const open = (name: string) => {
    const bucket = { tokens: requests, at: now() };
    const oldest = buckets.keys().next();
    if (buckets.size >= MOST_BUCKETS && oldest.done !== true) buckets.delete(oldest.value);
    buckets.set(name, bucket);
    return bucket;
  };
  return {
    take(name) {
      const bucket = buckets.get(name) ?? open(name);
      const at = now();
      bucket.tokens = Math.min(requests, bucket.tokens + (at - bucket.at) / each);
      bucket.at = at;
      const isAllowed = bucket.tokens >= 1;
      if (isAllowed) bucket.tokens -= 1;
      else if (buckets.delete(name)) buckets.set(name, bucket);
      return {
        isAllowed,
        remaining: Math.floor(bucket.tokens),
        fullIn: Math.ceil(((requests - bucket.tokens) * each) / 1000),
        retryIn: isAllowed ? 0 : Math.max(1, Math.ceil(((1 - bucket.tokens) * each) / 1000)),
      };
    },
  };
}
