// SPDX-License-Identifier: Apache-2.0
// Status of a licence: revoke, suspend, reinstate.
import { Router } from 'express';
import type { GatewayContext } from '../context.ts';
import { onVersion } from '../licence-tag.ts';
import { serve } from '../routing.ts';
import { changeStatus } from '../schemas/licences.ts';

export function statusRoutes(context: GatewayContext): Router {
  const router = Router();
  serve(router, context, changeStatus, async ({ params, body, actor, remember, request }) => {
    const { copy, ...act } = body;
    const order = {
      id: params.id,
      act: { ...act, ...(copy === undefined ? {} : { copy }) },
      actor,
      remember,
    };
    const changed = await onVersion(context, request, params.id, () =>
      context.desk.changeStatus(order),
    );
    return { status: 200, body: changed };
  });
  return router;
}
