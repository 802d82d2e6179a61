// SPDX-License-Identifier: Apache-2.0
// Bodies of the checking routes (docs/api.md §4); the report is that of core/src/report.ts.
import { CHECKS } from '@zhenglian/core/report';
import { z } from 'zod';
import {
  actCode,
  base64,
  epochNumber,
  handle,
  hex,
  hexOf,
  labelText,
  mspId,
  numberText,
  reasonCode,
  statusIndex,
  typeCode,
  unixTime,
  usccText,
} from './forms.ts';

/** Text of a code; whether it is one is for the report to say, so only its length is bounded here. */
const presentation = z.string().max(4096);
const nonce = hexOf(16);

const evidenceUse = z.object({
  at: unixTime,
  age: z.int().min(0),
  version: z.int().min(0),
  msps: z.array(mspId),
});
const licence = z.object({
  type: typeCode,
  typeVersion: z.int(),
  label: labelText,
  issuer: z.object({ uscc: usccText, name: labelText, msp: mspId }).nullable(),
  number: z.string().optional(),
  kid: hex,
  epoch: epochNumber,
  index: statusIndex,
  firstDay: z.int(),
  lastDay: z.int(),
  fields: z.array(
    z.object({
      name: z.string(),
      label: labelText,
      text: z.string(),
      valueLabel: labelText.optional(),
    }),
  ),
});

export const report = z.object({
  verdict: z.enum(['VALID', 'REVOKED', 'SUSPENDED', 'INVALID', 'UNDETERMINED']),
  act: actCode,
  at: unixTime,
  holder: z.enum(['document', 'recent', 'challenged']).nullable(),
  checks: z
    .array(
      z.object({
        name: z.enum(CHECKS),
        outcome: z.enum(['pass', 'fail', 'unknown']),
        reason: reasonCode,
        age: z.int().optional(),
      }),
    )
    .length(CHECKS.length),
  licence: licence.optional(),
  evidence: z.object({ bundle: evidenceUse.optional(), epoch: evidenceUse.optional() }),
});

export const trustBundleQuery = z.strictObject({ nonce: nonce.optional() });
export const trustBundleAnswer = z.object({ answer: base64 });

export const evidenceQuery = z.strictObject({
  kid: hexOf(8),
  epoch: numberText(0xffff_ffff),
  index: numberText(65_535),
  nonce: nonce.optional(),
});
export const evidenceAnswer = z.object({
  bundle: base64,
  epoch: base64.nullable(),
  inclusion: z.object({ argument: base64, path: z.array(base64) }).nullable(),
});

export const requestBody = z.strictObject({
  act: actCode,
  audience: z.string().min(1).max(64).optional(),
});
export const requestAnswer = z.object({
  id: handle,
  text: z.string().startsWith('ZLQ1:'),
  expiresAt: unixTime,
});

export const verificationBody = z.strictObject({
  presentations: z.array(presentation).min(1).max(100),
  act: actCode,
  request: handle.optional(),
});
export const verificationAnswer = z.object({ reports: z.array(report) });

export const recognitionBody = z.strictObject({
  presentation,
  act: actCode,
  request: handle.optional(),
});
export const recognitionAnswer = z.object({
  report,
  recognition: z.object({
    outcome: z.enum(['recognised', 'refused', 'unknown']),
    reason: reasonCode,
    rule: z
      .object({ from: mspId, to: mspId, type: typeCode, hash: hex, label: labelText })
      .optional(),
    fields: z.array(z.object({ name: z.string(), text: z.string() })),
  }),
  receipt: z.object({ payload: base64, signature: base64, kid: hex }).optional(),
});
export const recognitionsAnswer = z.object({
  recognitions: z.array(
    z.object({
      id: handle,
      at: unixTime,
      from: mspId,
      type: typeCode,
      act: actCode,
      revokedSince: unixTime.optional(),
    }),
  ),
});
