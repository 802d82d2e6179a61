// SPDX-License-Identifier: Apache-2.0
// A corrected version of a licence.
import { Router } from 'express';
import type { GatewayContext } from '../context.ts';
import { needsApproval } from '../imports/start-import.ts';
import { onVersion } from '../licence-tag.ts';
import { gatewayError } from '../problem-codes.ts';
import { serve } from '../routing.ts';
import { reissueLicence } from '../schemas/licences.ts';

export function reissueRoutes(context: GatewayContext): Router {
  const router = Router();
  serve(router, context, reissueLicence, async ({ params, body, actor, remember, request }) => {
    const { fields } = body;
    const { type } = await context.desk.licence(params.id);
    if (needsApproval(context.desk.typeOf(type))) {
      throw gatewayError(
        'APPROVAL_NEEDED',
        'two officers issue this type: revoke the licence and prepare a new one',
      );
    }
    const accepted = await onVersion(context, request, params.id, () =>
      context.desk.reissue({ id: params.id, fields, actor, remember }),
    );
    return { status: 202, body: accepted };
  });
  return router;
}
