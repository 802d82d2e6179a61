// SPDX-License-Identifier: Apache-2.0
// A counter that checks for itself asks for evidence only; here it says what it came to, so that the trace tells who
// checked what with which outcome. It is the clerk's word, recorded as such; no field of the licence is in it.
import { Router } from 'express';
import type { GatewayContext } from '../context.ts';
import { serve } from '../routing.ts';
import { noteVerdict } from '../schemas/checking.ts';
import { copyReference } from '../trace/trace-entry.ts';

export function verdictsRoutes(context: GatewayContext): Router {
  const router = Router();
  const { trace } = context;
  serve(router, context, noteVerdict, async ({ body, actor, purpose }) => {
    const { act, verdict, holder, reason } = body;
    await trace.append({
      kind: 'verification',
      actor,
      subject: copyReference(body),
      outcome: verdict,
      purpose,
      detail: {
        ...{ act, kind: 'counter' },
        ...(holder === undefined ? {} : { holder }),
        ...(reason === undefined ? {} : { reason }),
      },
    });
    return { status: 200, body: { recorded: true } };
  });
  return router;
}
