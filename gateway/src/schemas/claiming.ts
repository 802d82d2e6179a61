// SPDX-License-Identifier: Apache-2.0
// Bodies of claiming and renewing (docs/api.md §3).
import { z } from 'zod';
import { defineOperation } from '../routing.ts';
import { LEDGER_WRITE_CODES } from './ledger-codes.ts';
import { base64, hex, id, label, typeCode, unixTime } from './values.ts';
import { bytesOf, epochNumber, hexOf, statusIndex, usccText } from './forms.ts';

const claimBody = z.strictObject({
  code: z.string().max(64),
  lastSix: z.string().max(6).optional(),
  holderKey: bytesOf(33),
  at: unixTime,
  proof: bytesOf(64),
});
const renewalBody = z.strictObject({
  copy: z.strictObject({ kid: hexOf(8), epoch: epochNumber, index: statusIndex }),
  holderKey: bytesOf(33),
  newHolderKey: bytesOf(33),
  at: unixTime,
  proof: bytesOf(64),
});
const claimAnswer = z.strictObject({
  licence: id,
  type: z.strictObject({ code: typeCode, version: z.int().min(1) }),
  typeDefinition: base64,
  copies: z.array(base64).min(1),
  attachments: z.record(z.string(), z.string()),
  issuer: z.strictObject({ uscc: usccText, name: label }),
  networkId: hex,
  renewal: z.strictObject({ after: unixTime }),
  otherCopies: z.array(
    z.strictObject({
      kid: hex,
      epoch: epochNumber,
      index: statusIndex,
      firstDay: z.int(),
      lastDay: z.int(),
      state: z.enum(['valid', 'suspended', 'revoked']),
    }),
  ),
});

const codes = ['CLAIM_PROOF', 'LICENCE_NOT_LIVING', 'ANCHOR_WAIT', ...LEDGER_WRITE_CODES] as const;

export const claimLicence = defineOperation({
  method: 'post',
  path: '/v1/claims',
  summary: 'Claims a copy for a wallet with a claim code',
  access: 'open',
  issuing: true,
  idempotent: true,
  body: claimBody,
  bodyBytes: 4096,
  answers: { 201: claimAnswer },
  codes: [...codes, 'CLAIM_CODE_UNKNOWN', 'CLAIM_CODE_SPENT', 'CLAIM_CODE_EXPIRED', 'CLAIM_TRIES'],
});

export const renewLicence = defineOperation({
  method: 'post',
  path: '/v1/renewals',
  summary: "Renews a wallet's copy for a new key",
  access: 'open',
  issuing: true,
  idempotent: true,
  body: renewalBody,
  bodyBytes: 4096,
  answers: { 201: claimAnswer },
  codes: [...codes, 'COPY_UNKNOWN'],
});
