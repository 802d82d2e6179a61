// SPDX-License-Identifier: Apache-2.0
// Claim codes for the holder. The code leaves in this answer only; its digest is stored.
import { Router } from 'express';
import type { GatewayContext } from '../context.ts';
import { createClaimCode } from '../issuance/claim-codes.ts';
import { isLiving } from '../issuance/licence-record.ts';
import { gatewayError } from '../problem-codes.ts';
import { serve } from '../routing.ts';
import { createClaimCodeOperation } from '../schemas/licences.ts';

export function claimCodesRoutes(context: GatewayContext): Router {
  const router = Router();
  const { desk, store, trace } = context;
  serve(router, context, createClaimCodeOperation, ({ params, body, actor, remember }) =>
    desk.withLicence(params.id, async ({ licence }) => {
      if (!isLiving(licence) || licence.state !== 'valid') {
        throw gatewayError('LICENCE_NOT_LIVING', 'the licence is not in force');
      }
      const { delivery } = body;
      const { code, expiresAt, change } = createClaimCode(context, licence.id, delivery);
      const answer = { status: 201, body: { code, expiresAt, lastSix: delivery === 'letter' } };
      await store.write([change, ...remember(answer)]);
      await trace.append({
        kind: 'claim-code',
        actor,
        subject: licence.id,
        outcome: 'done',
        purpose: 'issuance',
        detail: { delivery },
      });
      return answer;
    }),
  );
  return router;
}
