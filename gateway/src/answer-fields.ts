// SPDX-License-Identifier: Apache-2.0
// The header fields of answers and requests as the OpenAPI document tells them; what they mean is in docs/api.md §1.
import { z } from 'zod';
import { PURPOSE_CODES } from './purposes.ts';
import type { OPERATIONS } from './schemas/operations.ts';

type Listed = (typeof OPERATIONS)[number];

const tag = z.string().regex(/^"[A-Za-z0-9_-]{22}"$/);
const seconds = z.int().min(0);

/** Fields of a request, or undefined when an operation reads none. */
export function requestFields({ purpose, idempotent, cached, tagged, versioned }: Listed) {
  const key = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/);
  const fields = {
    'Accept-Language': z.string().optional(),
    ...(purpose === true ? { 'Purpose-Code': z.enum(PURPOSE_CODES) } : {}),
    ...(idempotent === true ? { 'Idempotency-Key': key.optional() } : {}),
    ...((cached ?? tagged) === true ? { 'If-None-Match': tag.optional() } : {}),
    ...(versioned === true ? { 'If-Match': tag.optional() } : {}),
  };
  return z.object(fields);
}

/** Fields of an answer of this status. */
export function answerFields(operation: Listed, status: number) {
  const { cached, tagged, deprecated } = operation;
  const isProblem = status >= 400;
  const fields = {
    'Cache-Control': z.string(),
    ...(UNCOUNTED.has(operation.path)
      ? {}
      : {
          'RateLimit-Limit': seconds.optional(),
          'RateLimit-Remaining': seconds.optional(),
          'RateLimit-Reset': seconds.optional(),
        }),
    ...((cached ?? tagged) === true && !isProblem ? { ETag: tag } : {}),
    ...(isProblem ? { 'Content-Language': z.enum(['en', 'zh']) } : {}),
    ...(status === 429 || status === 503 ? { 'Retry-After': seconds.optional() } : {}),
    ...(deprecated === undefined
      ? {}
      : { Deprecation: z.string(), Sunset: z.string().optional(), Link: z.string().optional() }),
  };
  return z.object(fields);
}

const UNCOUNTED = new Set(['/healthz', '/readyz']);
