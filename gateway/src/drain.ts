// SPDX-License-Identifier: Apache-2.0
// Whether a gateway is on its way out: it says so, and makes every answer the last of its connection.
import type { RequestHandler } from 'express';

/** Whether a gateway is on its way out. */
export interface Drain {
  isDraining(): boolean;
  /** From now on `/readyz` says DRAINING. */
  begin(): void;
  /** While draining, tells the caller not to send another request on this connection. */
  readonly lastAnswers: RequestHandler;
}

/** A gateway that does not drain yet. */
export function createDrain(): Drain {
  let draining = false;
  return {
    isDraining: () => draining,
    begin: () => void (draining = true),
    lastAnswers: function lastAnswer(_request, response, next) {
      if (draining) response.setHeader('Connection', 'close');
      next();
    },
  };
}
