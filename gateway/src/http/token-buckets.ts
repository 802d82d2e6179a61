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
  /** What `take` would give, with nothing taken and nothing kept. */
  look(name: string): Taken;
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
  const filled = ({ tokens, at }: { readonly tokens: number; readonly at: number }) =>
    Math.min(requests, tokens + (now() - at) / each);
  const takenOf = (before: number): Taken => {
    const isAllowed = before >= 1;
    const tokens = isAllowed ? before - 1 : before;
    return {
      isAllowed,
      remaining: Math.floor(tokens),
      fullIn: Math.ceil(((requests - tokens) * each) / 1000),
      retryIn: isAllowed ? 0 : Math.max(1, Math.ceil(((1 - tokens) * each) / 1000)),
    };
  };
  return {
    take(name) {
      const bucket = buckets.get(name) ?? open(name);
      const before = filled(bucket);
      const taken = takenOf(before);
      bucket.tokens = taken.isAllowed ? before - 1 : before;
      bucket.at = now();
      if (!taken.isAllowed && buckets.delete(name)) buckets.set(name, bucket);
      return taken;
    },
    look(name) {
      const bucket = buckets.get(name);
      return takenOf(bucket === undefined ? requests : filled(bucket));
    },
  };
}
