// SPDX-License-Identifier: Apache-2.0
// Entity tags (RFC 9110 §8.8, §13): what did not change is not sent again, and a write on what was read before can say
// so. Both compare strongly; a list of tags and `*` are understood.
import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { gatewayError } from '../problem-codes.ts';

/** The tag of these facts. */
export function entityTag(facts: unknown): string {
  const digest = createHash('sha256').update(JSON.stringify(facts)).digest('base64url');
  return `"${digest.slice(0, 22)}"`;
}

/** Whether the asker has this already. */
export function isKnown(request: Request, tag: string): boolean {
  const given = request.headers['if-none-match'];
  return given !== undefined && names(given, tag);
}

/** Refuses a write on something that changed since it was read; without If-Match all is well. @throws VERSION_CHANGED */
export function requireMatch(request: Request, tag: string): void {
  const given = request.headers['if-match'];
  if (given === undefined || names(given, tag)) return;
  throw gatewayError('VERSION_CHANGED', 'it is another version than If-Match names');
}

function names(field: string, tag: string): boolean {
  const tags = field.split(',').map((each) => each.trim());
  return tags.includes(tag) || field.trim() === '*';
}
