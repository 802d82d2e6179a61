// SPDX-License-Identifier: Apache-2.0
// Operations on imports (docs/api.md §2, docs/imports.md).
import { z } from 'zod';
import { IMPORT_STATES } from '../imports/import-states.ts';
import type { Role } from '../accounts/principal.ts';
import { defineOperation } from '../routing.ts';
import { id, idParams, licenceNumber, licenceState, typeCode, unixTime } from './values.ts';

export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const count = z.int().min(0);
const state = z.enum([...IMPORT_STATES, 'anchoring', 'done']).exclude(['worked']);
const flag = z.enum(['true', 'false']).optional();
const actor = z.string();
const FILE_CODES = [
  'IMPORT_COLUMNS',
  'IMPORT_TOO_LARGE',
  'IMPORT_ENCODING',
  'IMPORT_MALFORMED',
  'TYPE_UNKNOWN',
  'TYPE_NOT_ISSUED',
];

const progress = z.strictObject({
  id,
  type: typeCode,
  state,
  pausedFrom: z.enum(['reading', 'checking', 'running']).optional(),
  dryRun: z.boolean(),
  twoOfficers: z.boolean(),
  preparedBy: actor,
  at: unixTime,
  total: count,
  read: count,
  accepted: count,
  rejected: count,
  anchored: count,
  rate: count.nullable(),
  secondsLeft: count.nullable(),
  check: z.strictObject({ accepted: count, rejected: count }).optional(),
  decision: z
    .strictObject({
      actor,
      at: unixTime,
      approved: z.boolean(),
      reason: z.string().optional(),
    })
    .optional(),
  failure: z.string().optional(),
});

export const startImport = defineOperation({
  method: 'post',
  path: '/v1/imports',
  summary: 'Issue the licences of a file; wrong lines are reported one by one',
  access: ['officer', 'machine'],
  touches: ({ query }) => [{ issuing: query.type }],
  issuing: true,
  idempotent: true,
  query: z.strictObject({ type: typeCode, dryRun: flag, twoOfficers: flag }),
  streams: ['text/csv', 'application/x-ndjson', XLSX],
  answers: { 202: z.strictObject({ id }) },
  codes: [...FILE_CODES, 'MEDIA_TYPE'],
});

export const importUploaded = defineOperation({
  method: 'post',
  path: '/v1/uploads/:id/import',
  summary: 'Issue the licences of a file that was uploaded in parts, or only check it',
  access: ['officer', 'machine'],
  touches: ({ body }) => [{ issuing: body.type }],
  issuing: true,
  idempotent: true,
  params: idParams,
  body: z.strictObject({
    type: typeCode,
    format: z.enum(['csv', 'ndjson', 'xlsx']),
    charset: z.enum(['utf-8', 'gb18030']).exactOptional(),
    dryRun: z.boolean().default(false),
    twoOfficers: z.boolean().default(false),
  }),
  answers: { 202: z.strictObject({ id }) },
  codes: [...FILE_CODES, 'UPLOAD_UNKNOWN', 'UPLOAD_INCOMPLETE'],
});

export const listImportsOperation = defineOperation({
  method: 'get',
  path: '/v1/imports',
  summary: 'Imports, the newest first',
  access: ['officer', 'approver', 'machine'],
  query: z.strictObject({
    state: z.enum(['prepared', 'paused', 'running']).optional(),
    after: z
      .string()
      .regex(/^\d{10}-[0-9a-f]{32}$/)
      .optional(),
  }),
  answers: { 200: z.strictObject({ imports: z.array(progress), next: z.string().optional() }) },
  codes: [],
});

export const getImport = defineOperation({
  method: 'get',
  path: '/v1/imports/:id',
  summary: 'How far an import is, with a page of its errors',
  access: ['officer', 'approver', 'machine'],
  touches: ({ params }) => [{ job: params.id }],
  params: idParams,
  query: z.strictObject({
    after: z
      .string()
      .regex(/^\d{8}-\d{3}$/)
      .optional(),
  }),
  answers: {
    200: progress.extend({
      errors: z.array(
        z.strictObject({ line: count, slot: z.string().optional(), reason: z.string() }),
      ),
      next: z.string().optional(),
    }),
  },
  codes: ['IMPORT_UNKNOWN'],
});

export const getImportEvents = defineOperation({
  method: 'get',
  path: '/v1/imports/:id/events',
  summary: 'Progress as it happens, as server-sent events, until the import has ended',
  access: ['officer', 'approver', 'machine'],
  touches: ({ params }) => [{ job: params.id }],
  params: idParams,
  media: 'text/event-stream',
  answers: { 200: z.string() },
  codes: ['IMPORT_UNKNOWN'],
});

export const getImportResults = defineOperation({
  method: 'get',
  path: '/v1/imports/:id/results',
  summary: 'What became of every line, as CSV with the reasons in Chinese and English',
  access: ['officer', 'approver', 'machine'],
  touches: ({ params }) => [{ job: params.id }],
  params: idParams,
  media: 'text/csv',
  answers: { 200: z.string() },
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

export const pauseImportOperation = control('pause', 'Hold an import after the chunk it is at');
export const resumeImportOperation = control('resume', 'Let a paused import go on');
export const cancelImportOperation = control(
  'cancel',
  'End an import: what was issued stays issued, the rest never will be',
);
export const approveImportOperation = defineOperation({
  ...control('approve', 'Say yes to what another officer prepared: now it is issued'),
  access: ['officer', 'approver'],
  codes: ['IMPORT_UNKNOWN', 'IMPORT_STATE', 'OWN_APPROVAL'],
});
export const refuseImportOperation = defineOperation<{ id: string }, unknown, { reason: string }>({
  ...control('refuse', 'Say no to what another officer prepared, and why'),
  access: ['officer', 'approver'],
  body: z.strictObject({ reason: z.string().trim().min(1).max(500) }),
  codes: ['IMPORT_UNKNOWN', 'IMPORT_STATE', 'OWN_APPROVAL'],
});

function control(verb: string, summary: string) {
  return defineOperation({
    method: 'post' as const,
    path: `/v1/imports/:id/${verb}`,
    summary,
    access: ['officer', 'machine'] as readonly Role[],
    touches: ({ params }: { readonly params: { readonly id: string } }) => [{ job: params.id }],
    issuing: true,
    idempotent: true,
    params: idParams,
    answers: { 200: progress },
    codes: ['IMPORT_UNKNOWN', 'IMPORT_STATE'],
  });
}
