// SPDX-License-Identifier: Apache-2.0
// Bodies of claiming and renewing (docs/api.md §3).
import { z } from 'zod';
import {
  base64,
  bytesOf,
  epochNumber,
  handle,
  hex,
  hexOf,
  labelText,
  statusIndex,
  typeCode,
  unixTime,
  usccText,
} from './forms.ts';
import { DELIVERIES } from '../claims/claim-code.ts';

export const claimCodeParams = z.strictObject({ id: handle });
export const claimCodeBody = z.strictObject({ delivery: z.enum(DELIVERIES) });
export const claimCodeAnswer = z.object({
  code: z.string().regex(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/),
  expiresAt: unixTime,
  lastSix: z.boolean(),
});

export const claimBody = z.strictObject({
  code: z.string().max(64),
  lastSix: z.string().max(6).optional(),
  holderKey: bytesOf(33),
  at: unixTime,
  proof: bytesOf(64),
});
export const renewalBody = z.strictObject({
  copy: z.strictObject({ kid: hexOf(8), epoch: epochNumber, index: statusIndex }),
  holderKey: bytesOf(33),
  newHolderKey: bytesOf(33),
  at: unixTime,
  proof: bytesOf(64),
});
export const claimAnswer = z.object({
  licence: handle,
  type: z.object({ code: typeCode, version: z.int().min(1) }),
  typeDefinition: base64,
  copies: z.array(base64).min(1),
  attachments: z.record(z.string(), z.string()),
  issuer: z.object({ uscc: usccText, name: labelText }),
  networkId: hex,
  renewal: z.object({ after: unixTime }),
  otherCopies: z.array(
    z.object({
      kid: hex,
      epoch: epochNumber,
      index: statusIndex,
      firstDay: z.int(),
      lastDay: z.int(),
      state: z.enum(['valid', 'suspended', 'revoked']),
    }),
  ),
});
