// SPDX-License-Identifier: Apache-2.0
// Claim codes for the holder. The code leaves in this answer only; its digest is stored.
import { Router } from 'express';
import type { GatewayContext } from '../context.ts';
import { createClaimCode } from '../claims/claim-code.ts';
import { serve } from '../routing.ts';
import { createClaimCodeOperation } from '../schemas/licences.ts';

export function claimCodesRoutes(context: GatewayContext): Router {
  const router = Router();
  const { desk, store, outbox } = context;
  serve(router, context, createClaimCodeOperation, ({ params, body, actor, remember }) =>
    desk.withLicence(params.id, async (held) => {
      held.requireInForce();
      const { licence } = held;
      const { delivery } = body;
      const { code, expiresAt, change } = createClaimCode(context, licence.id, delivery);
      const answer = { status: 201, body: { code, expiresAt, lastSix: delivery === 'letter' } };
      const act = {
        kind: 'claim-code',
        actor,
        subject: licence.id,
        outcome: 'done',
        purpose: 'issuance',
        detail: { delivery },
      } as const;
      const told = outbox.put(act);
      await store.write([change, ...remember(answer), ...told]);
      outbox.handOver(told);
      return answer;
    }),
  );
  return router;
}
