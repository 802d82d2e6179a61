// SPDX-License-Identifier: Apache-2.0
// Checks at a counter, and recognitions, which begin with one.
import { Router } from 'express';
import { createChecking } from '../checking/checking.ts';
import type { GatewayContext } from '../context.ts';
import { serve } from '../routing.ts';
import { verifyPresentations } from '../schemas/checking.ts';
import { recognitionsRoutes } from './recognitions.ts';

/** `POST /v1/verifications` and, with the same memory of proofs, `/v1/recognitions`. */
export function verificationsRoutes(context: GatewayContext): Router {
  const router = Router();
  const checking = createChecking(context);
  serve(router, context, verifyPresentations, async ({ body, actor, purpose }) => {
    const reports = await checking.check({ ...body, actor, purpose });
    return { status: 200, body: { reports } };
  });
  router.use(recognitionsRoutes(context, checking));
  return router;
}
