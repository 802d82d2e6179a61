// SPDX-License-Identifier: Apache-2.0
// Operations on licences (docs/api.md §2).
import { z } from 'zod';
import { defineOperation } from '../routing.ts';
import { LEDGER_WRITE_CODES } from './ledger-codes.ts';
import {
  committed,
  cursor,
  fields,
  id,
  idParams,
  label,
  licenceNumber,
  licenceState,
  typeCode,
  unixTime,
} from './values.ts';

const accepted = z.strictObject({
  id,
  state: z.literal('queued'),
  number: licenceNumber,
  version: z.int().min(1).max(999),
});
const page = { limit: z.int().min(1).max(100).optional(), after: cursor.optional() };
const words = z.string().trim().min(1).max(500);

export const issueLicence = defineOperation({
  method: 'post',
  path: '/v1/licences',
  summary: 'Issue one licence',
  access: ['officer', 'machine'],
  touches: ({ body }) => [{ issuing: body.type }],
  issuing: true,
  idempotent: true,
  body: z.strictObject({ type: typeCode, fields }),
  // Of a type that two officers issue: an import of one line, which another officer is to approve.
  answers: {
    202: z.union([accepted, z.strictObject({ import: id, state: z.literal('checking') })]),
  },
  codes: [
    'FIELD_INVALID',
    'LICENCE_EXISTS',
    'TYPE_UNKNOWN',
    'TYPE_NOT_ISSUED',
    ...LEDGER_WRITE_CODES,
  ],
});

export const getLicence = defineOperation({
  method: 'get',
  path: '/v1/licences/:id',
  tagged: true,
  summary: 'One licence, sensitive fields masked',
  access: ['officer'],
  touches: ({ params }) => [{ licence: params.id }],
  purpose: true,
  params: idParams,
  query: z.strictObject({ unmask: z.enum(['true', 'false']).optional() }),
  answers: {
    200: z.strictObject({
      id,
      type: typeCode,
      typeVersion: z.int(),
      number: licenceNumber,
      version: z.int(),
      state: licenceState,
      authority: z.string(),
      fields: z.array(
        z.strictObject({ slot: z.string(), label, text: z.string(), masked: z.boolean() }),
      ),
      copies: z.array(
        z.strictObject({
          id,
          kind: z.enum(['document', 'device']),
          state: z.enum(['queued', 'valid', 'suspended', 'revoked', 'abandoned']),
          epoch: z.int().optional(),
          index: z.int().optional(),
          firstDay: z.iso.date().optional(),
          lastDay: z.iso.date().optional(),
        }),
      ),
      supersedes: id.optional(),
      supersededBy: id.optional(),
    }),
  },
  codes: ['LICENCE_UNKNOWN'],
});

export const searchLicences = defineOperation({
  method: 'post',
  path: '/v1/licences/search',
  summary: 'Find licences by number, or by type and subject',
  access: ['officer'],
  touches: ({ body }) => ('type' in body ? [{ type: body.type }] : []),
  purpose: true,
  body: z.union([
    z.strictObject({ number: licenceNumber.min(1), ...page }),
    z.strictObject({ type: typeCode, subject: z.string().min(1).max(64), ...page }),
  ]),
  answers: {
    200: z.strictObject({
      licences: z.array(
        z.strictObject({
          id,
          type: typeCode,
          number: licenceNumber,
          state: licenceState,
          version: z.int(),
        }),
      ),
      next: cursor.optional(),
    }),
  },
  codes: ['TYPE_UNKNOWN'],
});

export const changeStatus = defineOperation({
  method: 'post',
  path: '/v1/licences/:id/status',
  versioned: true,
  summary: 'Revoke, suspend or reinstate a licence, or one copy of it',
  access: ['officer'],
  touches: ({ params }) => [{ licence: params.id }],
  issuing: true,
  idempotent: true,
  params: idParams,
  body: z.strictObject({
    state: z.enum(['revoked', 'suspended', 'valid']),
    class: z.enum([
      'holder-request',
      'lost',
      'administrative',
      'judicial',
      'error',
      'expired',
      'reinstated',
    ]),
    reason: words,
    basis: words,
    copy: id.optional(),
  }),
  answers: {
    200: z.strictObject({ id, state: licenceState, committed: committed.nullable() }),
  },
  codes: [
    'STATUS_TRANSITION',
    'LICENCE_UNKNOWN',
    'COPY_UNKNOWN',
    'ANCHOR_WAIT',
    ...LEDGER_WRITE_CODES,
  ],
});

export const reissueLicence = defineOperation({
  method: 'post',
  path: '/v1/licences/:id/reissue',
  versioned: true,
  summary: 'Issue a corrected version; the old one is superseded when the new one is anchored',
  access: ['officer'],
  touches: ({ params }) => [{ licence: params.id }],
  issuing: true,
  idempotent: true,
  params: idParams,
  body: z.strictObject({ fields }),
  answers: { 202: accepted },
  codes: [
    'FIELD_INVALID',
    'LICENCE_NOT_LIVING',
    'LICENCE_EXISTS',
    'LICENCE_UNKNOWN',
    'APPROVAL_NEEDED',
    ...LEDGER_WRITE_CODES,
  ],
});

export const getCode = defineOperation({
  method: 'get',
  path: '/v1/licences/:id/code',
  summary: 'The QR text of the printed document',
  access: ['officer'],
  touches: ({ params }) => [{ licence: params.id }],
  issuing: true,
  purpose: true,
  params: idParams,
  query: z.strictObject({ set: typeCode.optional() }),
  answers: {
    200: z.strictObject({
      text: z.string().startsWith('ZL1:'),
      qrVersion: z.int().min(1).max(40),
      type: typeCode,
      set: typeCode,
      number: licenceNumber,
      anchorDueAt: unixTime.nullable(),
    }),
  },
  codes: ['NOT_ANCHORED', 'SET_UNKNOWN', 'LICENCE_NOT_LIVING', 'LICENCE_UNKNOWN'],
});

export const createClaimCodeOperation = defineOperation({
  method: 'post',
  path: '/v1/licences/:id/claim-codes',
  summary: 'A code with which the holder claims the licence into a wallet',
  access: ['officer'],
  touches: ({ params }) => [{ licence: params.id }],
  issuing: true,
  idempotent: true,
  params: idParams,
  body: z.strictObject({ delivery: z.enum(['counter', 'letter']) }),
  answers: {
    201: z.strictObject({
      code: z.string().regex(/^[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}$/),
      expiresAt: unixTime,
      lastSix: z.boolean(),
    }),
  },
  codes: ['LICENCE_NOT_LIVING', 'LICENCE_UNKNOWN'],
});
