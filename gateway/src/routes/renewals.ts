// SPDX-License-Identifier: Apache-2.0
// Renewing a device copy with its own key.
import { Router } from 'express';
import { answerClaim } from '../claims/claim-answer.ts';
import { renewCopy } from '../claims/renewal.ts';
import type { GatewayContext } from '../context.ts';
import { serve } from '../routing.ts';
import { renewLicence } from '../schemas/claiming.ts';
import { copyFacts } from './claims.ts';

export function renewalsRoutes(context: GatewayContext): Router {
  const router = Router();
  serve(router, context, renewLicence, async ({ body, actor }) => {
    const { copy, ...renewal } = body;
    const claimed = await renewCopy(context, { ...copy, ...renewal });
    await context.trace.append({
      kind: 'renewal',
      purpose: 'holder-request',
      actor,
      subject: claimed.licence.id,
      outcome: 'done',
      detail: copyFacts(claimed.copy),
    });
    return { status: 201, body: answerClaim(context, claimed) };
  });
  return router;
}
