// SPDX-License-Identifier: Apache-2.0
// Operations on imports (docs/api.md §2).
import { z } from 'zod';
import { defineOperation } from '../routing.ts';
import { id, idParams, licenceNumber, licenceState, typeCode } from './values.ts';

const count = z.int().min(0);

export const startImport = defineOperation({
  method: 'post',
  path: '/v1/imports',
  summary: 'Issue the licences of a file; wrong lines are reported one by one',
  access: ['officer', 'machine'],
  touches: ({ query }) => [{ issuing: query.type }],
  issuing: true,
  idempotent: true,
  query: z.strictObject({ type: typeCode }),
  streams: ['text/csv', 'application/x-ndjson'],
  answers: { 202: z.strictObject({ id }) },
  codes: [
    'IMPORT_COLUMNS',
    'IMPORT_TOO_LARGE',
    'IMPORT_ENCODING',
    'MEDIA_TYPE',
    'TYPE_UNKNOWN',
    'TYPE_NOT_ISSUED',
    'READ_ONLY',
  ],
});

export const getImport = defineOperation({
  method: 'get',
  path: '/v1/imports/:id',
  summary: 'How far an import is, with a page of its errors',
  access: ['officer', 'machine'],
  touches: ({ params }) => [{ job: params.id }],
  params: idParams,
  query: z.strictObject({
    after: z
      .string()
      .regex(/^\d{8}-\d{3}$/)
      .optional(),
  }),
  answers: {
    200: z.strictObject({
      id,
      type: typeCode,
      state: z.enum(['running', 'done']),
      total: count,
      read: count,
      accepted: count,
      rejected: count,
      anchored: count,
      errors: z.array(
        z.strictObject({ line: count, slot: z.string().optional(), reason: z.string() }),
      ),
      next: z.string().optional(),
    }),
  },
  codes: ['IMPORT_UNKNOWN'],
});

export const getImported = defineOperation({
  method: 'get',
  path: '/v1/imports/:id/licences',
  summary: 'The licences an import brought, in order of its lines',
  access: ['officer', 'machine'],
  touches: ({ params }) => [{ job: params.id }],
  purpose: true,
  params: idParams,
  query: z.strictObject({
    after: z
      .string()
      .regex(/^\d{8}$/)
      .optional(),
  }),
  answers: {
    200: z.strictObject({
      licences: z.array(
        z.strictObject({
          line: count,
          id,
          type: typeCode,
          name: z.string(),
          number: licenceNumber,
          state: licenceState,
          version: z.int(),
        }),
      ),
      next: z.string().optional(),
    }),
  },
  codes: ['IMPORT_UNKNOWN'],
});
