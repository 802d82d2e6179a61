// SPDX-License-Identifier: Apache-2.0
// Status of a licence: revoke, suspend, reinstate.
import { Router } from 'express';
import type { GatewayContext } from '../context.ts';
import { serve } from '../routing.ts';
import { changeStatus } from '../schemas/licences.ts';

export function statusRoutes(context: GatewayContext): Router {
  const router = Router();
  serve(router, context, changeStatus, async ({ params, body, actor, remember }) => {
    const { copy, ...act } = body;
    const changed = await context.desk.changeStatus({
      id: params.id,
      act: { ...act, ...(copy === undefined ? {} : { copy }) },
      actor,
      remember,
    });
    return { status: 200, body: changed };
  });
  return router;
}
