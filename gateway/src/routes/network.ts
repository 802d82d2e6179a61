// SPDX-License-Identifier: Apache-2.0
// Whose gateway this is.
import { Router } from 'express';
import { toHex } from '@zhenglian/core/bytes';
import type { GatewayContext } from '../context.ts';
import { serve } from '../routing.ts';
import { getNetwork } from '../schemas/machinery.ts';

export function networkRoutes(context: GatewayContext): Router {
  const router = Router();
  const { config, replica, shelf, networkId } = context;
  serve(router, context, getNetwork, () => {
    const { bundle } = replica.trustBundle();
    const { msp, name, channel, readOnly } = config;
    const types = shelf.newest().map(({ code, version, label }) => ({ code, version, label }));
    const acts = bundle.policies.map(({ act, label }) => ({ act, label }));
    const { version } = bundle;
    const body = {
      msp,
      name,
      networkId: toHex(networkId),
      channel,
      readOnly,
      types,
      acts,
      version,
      ...(config.oidc === undefined ? {} : { identityProvider: true }),
    };
    return Promise.resolve({ status: 200, body });
  });
  return router;
}
