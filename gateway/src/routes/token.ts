// SPDX-License-Identifier: Apache-2.0
// Access tokens for machine clients, in the form of OAuth 2 (RFC 6749 §4.4, RFC 7523 §2.2).
import { Router } from 'express';
import type { GatewayContext } from '../context.ts';
import { serve } from '../routing.ts';
import { grantToken } from '../schemas/identity.ts';

export function tokenRoutes(context: GatewayContext): Router {
  const router = Router();
  serve(router, context, grantToken, async ({ body }) => {
    const { token, seconds } = await context.accounts.clients.grant(body.client_assertion);
    return {
      status: 200,
      body: { access_token: token, token_type: 'Bearer', expires_in: seconds },
    };
  });
  return router;
}
