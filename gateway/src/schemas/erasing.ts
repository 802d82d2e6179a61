// SPDX-License-Identifier: Apache-2.0
// Erasure of one person and its receipts (docs/api.md, docs/storage.md §5).
import { z } from 'zod';
import { defineOperation } from '../routing.ts';
import { base64, cursor, hex, id, typeCode, unixTime } from './values.ts';

const receipt = z.strictObject({
  id,
  at: unixTime,
  type: typeCode,
  licences: z.array(id),
  actor: z.string(),
  purpose: z.string(),
  basis: z.string().nullable(),
  receipt: z.strictObject({ payload: base64, signature: base64, kid: hex }),
});

export const erasePersonOperation = defineOperation({
  method: 'post',
  path: '/v1/erasures',
  summary: 'Erase what is kept of a subject and its licences of a type; answers a signed receipt',
  access: ['administrator'],
  touches: ({ body }) => [{ type: body.type }],
  purpose: true,
  issuing: true,
  idempotent: true,
  body: z.strictObject({
    type: typeCode,
    subject: z.string().trim().min(1).max(64),
    basis: z.string().trim().min(1).max(2000).optional(),
  }),
  answers: { 201: receipt },
  codes: ['LICENCE_UNKNOWN', 'ERASE_LIVING', 'TYPE_UNKNOWN'],
});

export const listErasuresOperation = defineOperation({
  method: 'get',
  path: '/v1/erasures',
  summary: 'Receipts of erasures, newest first, page by page',
  access: ['administrator', 'regulator'],
  query: z.strictObject({ after: cursor.optional() }),
  answers: { 200: z.strictObject({ erasures: z.array(receipt), next: cursor.optional() }) },
  codes: [],
});
