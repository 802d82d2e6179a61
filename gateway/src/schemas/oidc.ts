// SPDX-License-Identifier: Apache-2.0
// Sign-in by an identity provider (docs/accounts.md §6): two addresses that a browser walks through.
import { z } from 'zod';
import { defineOperation } from '../routing.ts';

export const beginOidc = defineOperation({
  method: 'get',
  path: '/v1/oidc/sign-in',
  summary: 'Sends the browser to the identity provider, with a cookie of ten minutes',
  access: 'open',
  answers: { 303: z.undefined() },
  codes: ['OIDC_NONE', 'OIDC_UNAVAILABLE'],
});

export const finishOidc = defineOperation({
  method: 'get',
  path: '/v1/oidc/callback',
  summary:
    'Takes the browser back from the identity provider, opens a session and sends it to the page',
  access: 'open',
  // The rest of it is the provider's; it is checked against what was begun.
  query: z.looseObject({ state: z.string().max(512).optional() }),
  answers: { 303: z.undefined() },
  codes: ['OIDC_NONE', 'OIDC_STATE', 'OIDC_REFUSED', 'OIDC_NO_ROLE', 'OIDC_UNAVAILABLE'],
});
