// SPDX-License-Identifier: Apache-2.0
// Bodies of the regulator's routes (docs/api.md §5). A trail is parsed with its own schema when it comes from another
// gateway: it is untrusted there.
import { z } from 'zod';
import { defineOperation } from '../routing.ts';
import { base64, hex, id, unixTime } from './values.ts';
import { mspId } from './forms.ts';

const word = z.string().max(64);
const fact = z.union([z.string().max(128), z.int(), z.boolean()]);
const facts = z.record(z.string().max(32), fact);
const position = z.int().min(0);
/** `kid-epoch-index`, as `copyReference` writes it. */
const copyText = z.string().regex(/^[0-9a-f]{16}-\d{1,10}-\d{1,5}$/);

export const trail = z.strictObject({
  licence: id.nullable(),
  msp: mspId,
  copies: z.array(copyText).max(1000),
  /** Blocks that the gateway had applied when it answered. */
  height: position,
  entries: z
    .array(
      z.strictObject({
        n: position,
        /** The gateway instance whose chain it is in; numbers rise within one. */
        instance: word,
        at: unixTime,
        kind: word,
        actor: word,
        subject: word.nullable(),
        outcome: word,
        purpose: word,
        detail: facts,
        hash: base64,
        proof: z
          .object({
            root: base64,
            first: position,
            count: z.int().min(1),
            path: z.array(base64).max(64),
            transactionId: z.string().max(128),
          })
          .nullable(),
      }),
    )
    .max(100_000),
  ledger: z
    .array(
      z.strictObject({
        kind: z.enum(['batch', 'status']),
        copy: copyText,
        blockNumber: position,
        transactionId: z.string().max(128),
        at: unixTime,
        detail: facts,
      }),
    )
    .max(10_000),
  codes: z.array(z.string().max(2400)).max(1000),
});
/** One licence's trail at one gateway, as it is answered. */
export type Trail = z.infer<typeof trail>;

const trailQuery = z.strictObject({
  licence: id.optional(),
  copies: z
    .string()
    .max(2000)
    .transform((joined) => joined.split(','))
    .pipe(z.array(copyText).min(1).max(50))
    .optional(),
});
export const gatheredTrails = z.strictObject({
  licence: id.nullable(),
  provinces: z.array(
    z.strictObject({
      msp: mspId,
      trail: trail.nullable(),
      checked: z.enum(['proven', 'pending', 'BROKEN']),
      problem: z.string().optional(),
    }),
  ),
});
/** The trails of all provinces, each checked. */
export type GatheredTrails = z.infer<typeof gatheredTrails>;
const trailAnswer = z.union([trail, gatheredTrails]);

const ledgerAnswer = z.strictObject({
  height: position,
  networkId: hex,
  organisations: position,
  authorities: position,
  keys: position,
  epochs: position,
  batches: position,
  statuses: position,
  age: position,
});

export const getTrail = defineOperation({
  method: 'get',
  path: '/v1/trace',
  summary:
    "The trail of one licence with its proofs; on the regulator's gateway those of all provinces",
  access: ['regulator'],
  touches: ({ query: { licence, copies } }) => [
    ...(licence === undefined ? [] : [{ licence }]),
    ...(copies ?? []).map((copy) => ({ copy })),
  ],
  purpose: true,
  query: trailQuery,
  answers: { 200: trailAnswer },
  codes: ['LICENCE_UNKNOWN'],
});

export const getLedger = defineOperation({
  method: 'get',
  path: '/v1/ledger',
  summary: 'How much the replica of the ledger holds, and how old it is',
  access: ['regulator'],
  answers: { 200: ledgerAnswer },
  codes: [],
});
