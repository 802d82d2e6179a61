// SPDX-License-Identifier: Apache-2.0
// Requests that a counter shows to a holder.
import { Router } from 'express';
import { formatRequest } from '@zhenglian/core/request';
import type { PresentationRequest } from '@zhenglian/core/request';
import { createRequest } from '../checking/presentation-requests.ts';
import type { GatewayContext } from '../context.ts';
import { serve } from '../routing.ts';
import { createPresentationRequest } from '../schemas/checking.ts';

export function presentationRequestsRoutes(context: GatewayContext): Router {
  const router = Router();
  serve(router, context, createPresentationRequest, async ({ body, remember }) => {
    const { act, audience = context.config.name.zh, nonce } = body;
    const answerOf = (id: string, request: PresentationRequest) => ({
      status: 201,
      body: { id, text: formatRequest(request), expiresAt: request.expiresAt },
    });
    const wanted = { act, audience: audience.slice(0, 64), ...(nonce && { nonce }) };
    const { id, request } = await createRequest(context, wanted, (newId, made) =>
      remember(answerOf(newId, made)),
    );
    return answerOf(id, request);
  });
  return router;
}
