// SPDX-License-Identifier: Apache-2.0
// Parts that many requests and answers share (docs/api.md §1).
import { z } from 'zod';

/** 32 hex characters, random. */
export const id = z.string().regex(/^[0-9a-f]{32}$/);
export const idParams = z.strictObject({ id });
export const typeCode = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);
export const actCode = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);
export const hex = z.string().regex(/^(?:[0-9a-f]{2})*$/);
export const base64 = z.base64();
export const unixTime = z.int().min(0);
export const label = z.strictObject({ zh: z.string(), en: z.string() });
/** Texts by slot name. */
export const fields = z.record(z.string().max(64), z.string().max(1 << 20));
export const licenceNumber = z.string().max(200);
export const licenceState = z.enum(['queued', 'valid', 'suspended', 'revoked', 'superseded']);
export const committed = z.strictObject({ transactionId: z.string(), blockNumber: z.int().min(0) });

/** `next` of a page, `after` of the next question. */
export const cursor = z.string().regex(/^[A-Za-z0-9_-]{1,400}$/);

/** RFC 9457. */
export const problem = z.strictObject({
  type: z.string().regex(/^urn:zhenglian:problem:[A-Z0-9_]+$/),
  title: z.string(),
  status: z.int().min(400).max(599),
  code: z.string().regex(/^[A-Z][A-Z0-9_]+$/),
  detail: z.string().optional(),
  problems: z.array(z.record(z.string(), z.unknown())).optional(),
  requestId: z.string().optional(),
});
