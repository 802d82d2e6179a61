// SPDX-License-Identifier: Apache-2.0
// The next key of an authority, made and registered while licences go on being issued.
import { Router } from 'express';
import { toHex } from '@zhenglian/core/bytes';
import type { GatewayContext } from '../context.ts';
import { serve } from '../routing.ts';
import { rotateKey } from '../schemas/keys.ts';

export function keysRoutes(context: GatewayContext): Router {
  const router = Router();
  const { signers, store } = context;
  serve(router, context, rotateKey, async ({ body, actor, remember }) => {
    const { authority } = body;
    const { kid } = await signers.rotate(authority, actor);
    const answer = { status: 201, body: { authority, kid: toHex(kid) } };
    // A kill before this makes the same request rotate once more, which does no harm.
    await store.write(remember(answer));
    return answer;
  });
  return router;
}
