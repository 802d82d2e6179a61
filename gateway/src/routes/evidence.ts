// SPDX-License-Identifier: Apache-2.0
// Evidence about one copy. The province that issued it is asked for a whole epoch, so it does not learn which copy was
// meant; the inclusion proof comes from the own replica.
import { Router } from 'express';
import { toBase64 } from '@zhenglian/core/bytes';
import type { CosignedEvidence } from '../checking/cosigned-evidence.ts';
import { keyOf } from '../checking/replica-facts.ts';
import type { GatewayContext } from '../context.ts';
import { serve } from '../routing.ts';
import { getEvidence } from '../schemas/checking.ts';
import { copyReference } from '../trace/trace-entry.ts';

export function evidenceRoutes(context: GatewayContext, evidence: CosignedEvidence): Router {
  const router = Router();
  const { replica, trace } = context;
  serve(router, context, getEvidence, async ({ query, actor, purpose }) => {
    const { kid, epoch, index, nonce } = query;
    const key = keyOf(replica.trustBundle().bundle, kid);
    const [bundle, answer, inclusion] = await Promise.all([
      evidence.trustBundle(nonce),
      key && evidence.epoch({ msp: key.msp, uscc: key.uscc, epoch }, nonce),
      key && replica.inclusion(key.uscc, epoch, index),
    ]);
    await trace.append({
      kind: 'evidence',
      actor,
      subject: copyReference({ kid, epoch, index }),
      outcome: 'done',
      purpose,
    });
    return {
      status: 200,
      body: {
        bundle: toBase64(bundle),
        epoch: answer === undefined ? null : toBase64(answer),
        inclusion:
          inclusion === undefined
            ? null
            : { argument: toBase64(inclusion.argument), path: inclusion.path.map(toBase64) },
      },
    };
  });
  return router;
}
