// SPDX-License-Identifier: Apache-2.0
// Is the process alive, is it ready.
import { Router } from 'express';
import type { GatewayContext } from '../context.ts';
import { serve } from '../routing.ts';
import { getHealth, getReadiness } from '../schemas/machinery.ts';

export function healthRoutes(context: GatewayContext): Router {
  const router = Router();
  serve(router, context, getHealth, () => Promise.resolve({ status: 200, body: { alive: true } }));
  serve(router, context, getReadiness, () => {
    const reasons = context.troubles();
    return Promise.resolve(
      reasons.length === 0
        ? { status: 200, body: { ready: true } }
        : { status: 503, body: { ready: false, reasons } },
    );
  });
  return router;
}
