// SPDX-License-Identifier: Apache-2.0
// Open operations that tell of the gateway itself (docs/api.md §6).
import { z } from 'zod';
import { defineOperation } from '../routing.ts';
import { actCode, hex, label, typeCode } from './values.ts';

export const getHealth = defineOperation({
  method: 'get',
  path: '/healthz',
  summary: 'The process lives',
  access: 'open',
  answers: { 200: z.strictObject({ alive: z.literal(true) }) },
  codes: [],
});

export const getReadiness = defineOperation({
  method: 'get',
  path: '/readyz',
  summary: 'Ledger, replica and storage work; 503 with reasons otherwise',
  access: 'open',
  answers: {
    200: z.strictObject({ ready: z.literal(true) }),
    503: z.strictObject({ ready: z.literal(false), reasons: z.array(z.string()) }),
  },
  codes: [],
});

export const getNetwork = defineOperation({
  method: 'get',
  path: '/v1/network',
  cached: true,
  summary: 'Whose gateway this is, of which network, with which types and acts',
  access: 'open',
  answers: {
    200: z.strictObject({
      msp: z.string(),
      name: label,
      networkId: hex.length(64),
      channel: z.string(),
      readOnly: z.boolean(),
      types: z.array(z.strictObject({ code: typeCode, version: z.int(), label })),
      acts: z.array(z.strictObject({ act: actCode, label })),
      version: z.int(),
      /** People may sign in by an identity provider too. */
      identityProvider: z.literal(true).optional(),
    }),
  },
  codes: [],
});

export const getOpenApi = defineOperation({
  method: 'get',
  path: '/v1/openapi.json',
  cached: true,
  summary: 'This description',
  access: 'open',
  answers: { 200: z.looseObject({ openapi: z.string() }) },
  codes: [],
});
