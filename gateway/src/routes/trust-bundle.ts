// SPDX-License-Identifier: Apache-2.0
// Co-signed evidence for whoever checks for himself: the trust bundle, and one epoch with this gateway's own proof.
import { Router } from 'express';
import { toBase64 } from '@zhenglian/core/bytes';
import { askCosigned } from '../checking/cosigned-evidence.ts';
import type { CosignedEvidence } from '../checking/cosigned-evidence.ts';
import { createDissentKeeper } from '../checking/keep-dissent.ts';
import type { GatewayContext } from '../context.ts';
import { serve } from '../routing.ts';
import { getTrustBundle } from '../schemas/checking.ts';
import { evidenceRoutes } from './evidence.ts';

/** `GET /v1/trust-bundle` and, with the same cache, `GET /v1/evidence`. */
export function trustBundleRoutes(context: GatewayContext): Router {
  const router = Router();
  const evidence: CosignedEvidence = askCosigned({
    ...context,
    keepDissent: createDissentKeeper(context),
  });
  serve(router, context, getTrustBundle, async ({ query }) => {
    const answer = await evidence.trustBundle(query.nonce);
    return { status: 200, body: { answer: toBase64(answer) } };
  });
  router.use(evidenceRoutes(context, evidence));
  return router;
}
