// SPDX-License-Identifier: Apache-2.0
// Whether a gateway is on its way out: it says so, makes every answer the last of its connection, and ends what is told
// for as long as somebody listens.
import type { RequestHandler } from 'express';

/** Whether a gateway is on its way out. */
export interface Drain {
  isDraining(): boolean;
  /** From now on `/readyz` says DRAINING. */
  begin(): void;
  /** Aborted when it begins. */
  readonly signal: AbortSignal;
  /** While draining, tells the caller not to send another request on this connection. */
  readonly lastAnswers: RequestHandler;
}

/** A gateway that does not drain yet. */
export function createDrain(): Drain {
  const draining = new AbortController();
  const { signal } = draining;
  return {
    isDraining: () => signal.aborted,
    begin: () => draining.abort(),
    signal,
    lastAnswers: function lastAnswer(_request, response, next) {
      if (signal.aborted) response.setHeader('Connection', 'close');
      next();
    },
  };
}
