// SPDX-License-Identifier: Apache-2.0
// Deletes what has run out: kept answers, requests of counters, files that nobody accepted, uploads that nobody ended,
// sessions, tokens and counts of accounts.
import { forgetOldRequests } from './checking/presentation-requests.ts';
import type { Closing } from './closing.ts';
import type { GatewayContext } from './context.ts';
import { discardUnaccepted } from './imports/discard-unaccepted.ts';
import { forgetOldAnswers } from './middleware/idempotency.ts';
import { forgetOldUploads } from './uploads/remove-upload.ts';

const FORGET_EVERY = 3_600_000;

/** Deletes what has run out, now and every hour until it is closed. */
export async function startForgetting(
  parts: Pick<
    GatewayContext,
    'accounts' | 'store' | 'vault' | 'locks' | 'clock' | 'random' | 'log' | 'instance'
  >,
  closing: Closing,
): Promise<void> {
  const forget = async () => {
    await forgetOldAnswers(parts);
    await forgetOldRequests(parts);
    await discardUnaccepted(parts, 'later');
    await forgetOldUploads(parts);
    await parts.accounts.forget();
  };
  await forget();
  let work = Promise.resolve();
  const timer = setInterval(() => {
    work = forget().catch((error: unknown) => parts.log.warn('forgetting waits', { error }));
  }, FORGET_EVERY);
  closing.add('forgetting', async () => {
    clearInterval(timer);
    await work;
  });
}
