// SPDX-License-Identifier: Apache-2.0
// The description of the API.
import { Router } from 'express';
import type { GatewayContext } from '../context.ts';
import { describeApi } from '../openapi.ts';
import { serve } from '../routing.ts';
import { getOpenApi } from '../schemas/machinery.ts';

export function openApiRoutes(context: GatewayContext): Router {
  const router = Router();
  const document = describeApi();
  serve(router, context, getOpenApi, () => Promise.resolve({ status: 200, body: document }));
  return router;
}
