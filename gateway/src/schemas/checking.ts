// SPDX-License-Identifier: Apache-2.0
// Bodies of the checking routes (docs/api.md §4); the report is that of core/src/report.ts.
import { CHECKS } from '@zhenglian/core/report';
import { z } from 'zod';
import { defineOperation } from '../routing.ts';
import { actCode, base64, cursor, hex, id, label, typeCode, unixTime } from './values.ts';
import {
  epochNumber,
  hexOf,
  mspId,
  numberText,
  reasonCode,
  statusIndex,
  usccText,
} from './forms.ts';

/** Text of a code; whether it is one is for the report to say, so only its length is bounded here. */
const presentation = z.string().max(4096);
const nonce = hexOf(16);

const evidenceUse = z.strictObject({
  at: unixTime,
  age: z.int().min(0),
  version: z.int().min(0),
  msps: z.array(mspId),
});
const licence = z.strictObject({
  type: typeCode,
  typeVersion: z.int(),
  label,
  issuer: z.strictObject({ uscc: usccText, name: label, msp: mspId }).nullable(),
  number: z.string().optional(),
  kid: hex,
  epoch: epochNumber,
  index: statusIndex,
  firstDay: z.int(),
  lastDay: z.int(),
  fields: z.array(
    z.strictObject({
      name: z.string(),
      label,
      text: z.string(),
      valueLabel: label.optional(),
    }),
  ),
});

const report = z.strictObject({
  verdict: z.enum(['VALID', 'REVOKED', 'SUSPENDED', 'INVALID', 'UNDETERMINED']),
  act: actCode,
  at: unixTime,
  holder: z.enum(['document', 'recent', 'challenged']).nullable(),
  checks: z
    .array(
      z.strictObject({
        name: z.enum(CHECKS),
        outcome: z.enum(['pass', 'fail', 'unknown']),
        reason: reasonCode,
        age: z.int().optional(),
        dueAt: unixTime.optional(),
      }),
    )
    .length(CHECKS.length),
  licence: licence.optional(),
  evidence: z.strictObject({ bundle: evidenceUse.optional(), epoch: evidenceUse.optional() }),
});

const trustBundleQuery = z.strictObject({ nonce: nonce.optional() });
const trustBundleAnswer = z.strictObject({ answer: base64 });

const evidenceQuery = z.strictObject({
  kid: hexOf(8),
  epoch: numberText(0xffff_ffff),
  index: numberText(65_535),
  nonce: nonce.optional(),
});
const evidenceAnswer = z.strictObject({
  bundle: base64,
  epoch: base64.nullable(),
  inclusion: z.strictObject({ argument: base64, path: z.array(base64) }).nullable(),
});

const verdictBody = z.strictObject({
  kid: hexOf(8),
  epoch: epochNumber,
  index: statusIndex,
  act: actCode,
  verdict: z.enum(['VALID', 'REVOKED', 'SUSPENDED', 'INVALID', 'UNDETERMINED']),
  holder: z.enum(['document', 'recent', 'challenged']).optional(),
  reason: reasonCode.optional(),
});

const requestBody = z.strictObject({
  act: actCode,
  audience: z.string().min(1).max(64).optional(),
  nonce: nonce.optional(),
});
const requestAnswer = z.strictObject({
  id,
  text: z.string().startsWith('ZLQ1:'),
  expiresAt: unixTime,
});

const verificationBody = z.strictObject({
  presentations: z.array(presentation).min(1).max(100),
  act: actCode,
  request: id.optional(),
});
const verificationAnswer = z.strictObject({ reports: z.array(report) });

const recognitionBody = z.strictObject({
  presentation,
  act: actCode,
  request: id.optional(),
});
const recognitionAnswer = z.strictObject({
  report,
  recognition: z.strictObject({
    outcome: z.enum(['recognised', 'refused', 'unknown']),
    reason: reasonCode,
    rule: z.object({ from: mspId, to: mspId, type: typeCode, hash: hex, label }).optional(),
    conditions: z
      .array(
        z.strictObject({
          logic: z.unknown(),
          fields: z.array(z.string()),
          outcome: z.enum(['met', 'unmet', 'unknown']),
        }),
      )
      .optional(),
    fields: z.array(z.strictObject({ name: z.string(), text: z.string() })),
  }),
  receipt: z.strictObject({ payload: base64, signature: base64, kid: hex }).optional(),
});
const recognitionsQuery = z.strictObject({
  limit: numberText(1000)
    .refine((limit) => limit > 0)
    .optional(),
  after: cursor.optional(),
});
const recognitionsAnswer = z.strictObject({
  recognitions: z.array(
    z.strictObject({
      id,
      at: unixTime,
      from: mspId,
      type: typeCode,
      act: actCode,
      revokedSince: unixTime.optional(),
    }),
  ),
  next: cursor.optional(),
});

export const getTrustBundle = defineOperation({
  method: 'get',
  path: '/v1/trust-bundle',
  summary: 'The trust bundle, co-signed',
  access: 'open',
  query: trustBundleQuery,
  answers: { 200: trustBundleAnswer },
  codes: [],
});

export const getEvidence = defineOperation({
  method: 'get',
  path: '/v1/evidence',
  summary: 'What a counter needs to check one copy for itself',
  access: ['clerk'],
  touches: ({ query: { kid, epoch, index } }) => [{ shown: { kid, epoch, index } }],
  purpose: true,
  query: evidenceQuery,
  answers: { 200: evidenceAnswer },
  codes: [],
});

export const noteVerdict = defineOperation({
  method: 'post',
  path: '/v1/verdicts',
  summary: 'What a counter that checked for itself came to, for the trace',
  access: ['clerk'],
  touches: ({ body: { kid, epoch, index } }) => [{ shown: { kid, epoch, index } }],
  purpose: true,
  idempotent: true,
  body: verdictBody,
  bodyBytes: 4096,
  answers: { 200: z.strictObject({ recorded: z.literal(true) }) },
  codes: [],
});

export const createPresentationRequest = defineOperation({
  method: 'post',
  path: '/v1/presentation-requests',
  summary: 'A request that a holder answers, used once',
  access: ['clerk'],
  idempotent: true,
  body: requestBody,
  bodyBytes: 4096,
  answers: { 201: requestAnswer },
  codes: [],
});

export const verifyPresentations = defineOperation({
  method: 'post',
  path: '/v1/verifications',
  summary: "Checks presentations on this gateway's replica of the ledger",
  access: ['clerk'],
  touches: ({ body }) => body.presentations.map((presentation) => ({ presentation })),
  purpose: true,
  idempotent: true,
  body: verificationBody,
  answers: { 200: verificationAnswer },
  codes: ['REQUEST_UNKNOWN', 'REQUEST_SPENT'],
});

export const recogniseLicence = defineOperation({
  method: 'post',
  path: '/v1/recognitions',
  summary:
    "Checks a presentation and recognises another province's licence under the rule in force",
  access: ['clerk'],
  touches: ({ body }) => [{ presentation: body.presentation }],
  purpose: true,
  idempotent: true,
  body: recognitionBody,
  bodyBytes: 16_384,
  answers: { 200: recognitionAnswer },
  codes: ['REQUEST_UNKNOWN', 'REQUEST_SPENT'],
});

export const listRecognitionsOperation = defineOperation({
  method: 'get',
  path: '/v1/recognitions',
  summary: 'What was recognised here, and what of it was revoked since',
  access: ['clerk'],
  query: recognitionsQuery,
  answers: { 200: recognitionsAnswer },
  codes: [],
});
