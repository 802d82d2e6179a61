// SPDX-License-Identifier: Apache-2.0
// Claiming a device copy with a code.
import { Router } from 'express';
import { toHex } from '@zhenglian/core/bytes';
import type { Copy } from '@zhenglian/core/copy';
import { answerClaim } from '../claims/claim-answer.ts';
import { claimCopy } from '../claims/claim.ts';
import { countUnknownCodes } from '../claims/unknown-codes.ts';
import type { GatewayContext } from '../context.ts';
import { serve } from '../routing.ts';
import { claimLicence } from '../schemas/claiming.ts';

export function claimsRoutes(context: GatewayContext): Router {
  const router = Router();
  const unknown = countUnknownCodes(context.clock);
  serve(router, context, claimLicence, async ({ body, actor, request }) => {
    const { lastSix, ...claim } = body;
    const order = { ...claim, ...(lastSix === undefined ? {} : { lastSix }) };
    const claimed = await claimCopy(context, unknown, order, request.ip ?? '');
    await context.trace.append({
      kind: 'claim',
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

/** Which copy, for the trace. */
export function copyFacts({ kid, epoch, index }: Copy) {
  return { kid: toHex(kid), epoch, index };
}
