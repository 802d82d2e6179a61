// SPDX-License-Identifier: Apache-2.0
// Bodies of the regulator's routes (docs/api.md §5). A trail is parsed with its own schema when it comes from another
// gateway: it is untrusted there.
import { z } from 'zod';
import { base64, handle, hex, mspId, unixTime } from './forms.ts';

const word = z.string().max(64);
const fact = z.union([z.string().max(128), z.int(), z.boolean()]);
const facts = z.record(z.string().max(32), fact);
const position = z.int().min(0);
/** `kid-epoch-index`, as `copyReference` writes it. */
export const copyText = z.string().regex(/^[0-9a-f]{16}-\d{1,10}-\d{1,5}$/);

export const trail = z.object({
  licence: handle.nullable(),
  msp: mspId,
  copies: z.array(copyText).max(1000),
  entries: z
    .array(
      z.object({
        n: position,
        at: unixTime,
        kind: word,
        actor: word,
        subject: word.nullable(),
        outcome: word,
        purpose: word.nullable(),
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
      z.object({
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

export const trailQuery = z.strictObject({
  licence: handle.optional(),
  copies: z
    .string()
    .max(2000)
    .transform((joined) => joined.split(','))
    .pipe(z.array(copyText).min(1).max(50))
    .optional(),
});
export const gatheredTrails = z.object({
  licence: handle.nullable(),
  provinces: z.array(
    z.object({
      msp: mspId,
      trail: trail.nullable(),
      checked: z.enum(['proven', 'pending', 'BROKEN']),
      problem: z.string().optional(),
    }),
  ),
});
/** The trails of all provinces, each checked. */
export type GatheredTrails = z.infer<typeof gatheredTrails>;
export const trailAnswer = z.union([trail, gatheredTrails]);

export const ledgerAnswer = z.object({
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
