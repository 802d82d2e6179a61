// SPDX-License-Identifier: Apache-2.0
// A corrected version of a licence.
import { Router } from 'express';
import type { GatewayContext } from '../context.ts';
import { serve } from '../routing.ts';
import { reissueLicence } from '../schemas/licences.ts';

export function reissueRoutes(context: GatewayContext): Router {
  const router = Router();
  serve(router, context, reissueLicence, async ({ params, body, actor, remember }) => {
    const { fields } = body;
    const accepted = await context.desk.reissue({ id: params.id, fields, actor, remember });
    return { status: 202, body: accepted };
  });
  return router;
}
