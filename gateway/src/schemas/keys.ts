// SPDX-License-Identifier: Apache-2.0
// Operations on the authorities' signing keys (docs/api.md §6, docs/signer.md §6).
import { z } from 'zod';
import { isUscc } from '@zhenglian/core/identifiers/uscc';
import { defineOperation } from '../routing.ts';
import { LEDGER_WRITE_CODES } from './ledger-codes.ts';
import { hex } from './values.ts';

const authority = z.string().refine(isUscc);

export const rotateKey = defineOperation({
  method: 'post',
  path: '/v1/keys/rotations',
  summary: 'Gives an authority its next key, which signs from then on',
  access: ['administrator'],
  touches: ({ body }) => [{ authority: body.authority }],
  issuing: true,
  idempotent: true,
  body: z.strictObject({ authority }),
  answers: { 201: z.strictObject({ authority, kid: hex.length(16) }) },
  codes: ['TYPE_NOT_ISSUED', 'SIGNER_UNAVAILABLE', 'SIGNER_LIMIT', ...LEDGER_WRITE_CODES],
});
