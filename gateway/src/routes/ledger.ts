// SPDX-License-Identifier: Apache-2.0
// The ledger in numbers, as the replica has it.
import { Router } from 'express';
import { toHex } from '@zhenglian/core/bytes';
import type { GatewayContext } from '../context.ts';
import { serve } from '../routing.ts';
import { getLedger } from '../schemas/regulating.ts';

export function ledgerRoutes(context: GatewayContext): Router {
  const router = Router();
  const { replica, clock, networkId } = context;
  serve(router, context, getLedger, () => {
    const { bundle } = replica.trustBundle();
    const { height, epochs, batches, statuses, levelAt } = replica.counts();
    const body = {
      ...{ height, epochs, batches, statuses },
      networkId: toHex(networkId),
      organisations: bundle.organisations.length,
      authorities: bundle.authorities.length,
      keys: bundle.keys.length,
      age: Math.max(0, clock() - levelAt),
    };
    return Promise.resolve({ status: 200, body });
  });
  return router;
}
