// SPDX-License-Identifier: Apache-2.0
// Erasure of one person, and the receipts.
import { Router } from 'express';
import { toBase64, toHex } from '@zhenglian/core/bytes';
import type { GatewayContext } from '../context.ts';
import { erasePerson } from '../erasure/erase-person.ts';
import { listErasures } from '../erasure/erasure-record.ts';
import type { Erasure } from '../erasure/erasure-record.ts';
import { serve } from '../routing.ts';
import { erasePersonOperation, listErasuresOperation } from '../schemas/erasing.ts';

export function erasuresRoutes(context: GatewayContext): Router {
  const router = Router();
  serve(router, context, erasePersonOperation, async (input) => {
    const { body, actor, purpose, remember, requireScope } = input;
    const { basis, ...whom } = body;
    const licences = await context.desk.findBySubject(whom.type, whom.subject);
    await requireScope(licences.map(({ id }) => ({ licence: id })));
    const answerOf = (erasure: Erasure) => ({ status: 201, body: describe(erasure) });
    const asked = { ...whom, actor, purpose, ...(basis === undefined ? {} : { basis }) };
    const erasure = await erasePerson(context, asked, (done) => remember(answerOf(done)));
    return answerOf(erasure);
  });
  serve(router, context, listErasuresOperation, async ({ query, sees }) => {
    const { erasures, ...next } = await listErasures(
      context.store,
      ({ type }) => sees({ type }),
      query,
    );
    return { status: 200, body: { erasures: erasures.map(describe), ...next } };
  });
  return router;
}

function describe({ payload, signature, signer, ...rest }: Erasure) {
  const receipt = {
    payload: toBase64(payload),
    signature: toBase64(signature),
    kid: toHex(signer),
  };
  return { ...rest, receipt };
}
