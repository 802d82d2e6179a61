// SPDX-License-Identifier: Apache-2.0
// Who the caller is, so that a page need not try doors to learn it.
import { Router } from 'express';
import type { GatewayContext } from '../context.ts';
import { principalOf } from '../middleware/auth.ts';
import { gatewayError } from '../problem-codes.ts';
import { serve } from '../routing.ts';
import { getSession } from '../schemas/machinery.ts';

export function sessionRoutes(context: GatewayContext): Router {
  const router = Router();
  serve(router, context, getSession, ({ request }) => {
    const principal = principalOf(request);
    if (principal === undefined) throw gatewayError('TOKEN_INVALID', 'a valid token is needed');
    const { actor, roles, scope, how } = principal;
    return Promise.resolve({ status: 200, body: { role: roles[0], roles, actor, scope, how } });
  });
  return router;
}
