// SPDX-License-Identifier: Apache-2.0
// The file of a signer's limits: JSON that people write, checked as a whole (docs/signer.md §4).
import { readFileSync } from 'node:fs';
import { isUscc } from '@zhenglian/core/identifiers/uscc';
import { z } from 'zod';
import { gatewayError } from '../problem-codes.ts';

/** What an authority's key can be asked to sign for. */
export const AUTHORITY_PURPOSES = [
  'licence',
  'batch',
  'status',
  'possession',
  'receipt',
  'rule',
] as const;

const typeCode = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);
const clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/);
const permit = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  /** Prefix of the authority's division (GB/T 2260), 2 to 6 digits. */
  division: z
    .string()
    .regex(/^\d{2}(?:\d{2}){0,2}$/)
    .exactOptional(),
  authorities: z.array(z.string().refine(isUscc)).min(1).exactOptional(),
  purposes: z.array(z.enum(AUTHORITY_PURPOSES)).min(1).exactOptional(),
  types: z.array(typeCode).min(1).exactOptional(),
  /** Beijing time; `until` is not in it. A window may run over midnight. */
  hours: z
    .strictObject({ from: clock, until: clock })
    .refine(({ from, until }) => from !== until)
    .exactOptional(),
  /** Signatures a Beijing day. */
  perDay: z.int().min(0).max(1_000_000_000).exactOptional(),
});
const limitsFile = z
  .strictObject({
    version: z.literal(1),
    /** Fingerprints of the networks that are signed for; any unless given. */
    networks: z
      .array(z.string().regex(/^[0-9a-f]{64}$/))
      .min(1)
      .exactOptional(),
    /** Number of each type that permits name: copies name their type by number. */
    types: z.record(typeCode, z.int().min(1).max(65_535)).default({}),
    permits: z.array(permit).min(1).max(64),
  })
  .superRefine(({ types, permits }, context) => {
    const names = new Set(permits.map(({ name }) => name));
    if (names.size < permits.length) context.addIssue('two permits of one name');
    const unknown = permits.flatMap((each) => each.types ?? []).find((code) => !(code in types));
    if (unknown !== undefined) context.addIssue(`types has no number of ${unknown}`);
  });

/** What a signer may sign. The first permit that names a content's authority, purpose and type decides. */
export type Limits = Readonly<z.infer<typeof limitsFile>>;
export type Permit = Limits['permits'][number];

/** Reads limits. @throws CONFIG_INVALID that names what is wrong */
export function readLimits(path: string): Limits {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw gatewayError('CONFIG_INVALID', 'the file of SIGNER_LIMITS is not JSON', { cause });
  }
  return parseLimits(content);
}

/** The same of JSON at hand. @throws CONFIG_INVALID */
export function parseLimits(content: unknown): Limits {
  const parsed = limitsFile.safeParse(content);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw gatewayError('CONFIG_INVALID', `SIGNER_LIMITS: ${problems.join('; ')}`, {
    detail: problems,
  });
}
