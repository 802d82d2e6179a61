// SPDX-License-Identifier: Apache-2.0
// Every request has an id: the caller's where it is of a form that can hold nothing personal (32 hex digits or a UUID),
// the trace id of a W3C `traceparent`, or one of our own. It is answered, logged and in every problem (docs/api.md §1).
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { toHex } from '@zhenglian/core/bytes';
import type { RandomBytes } from '../context.ts';

/** A caller's span, as `traceparent` names it (W3C Trace Context, version 00). */
export interface RemoteParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly isSampled: boolean;
}

const ID = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const PARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;
const ID_BYTES = 16;
const ids = new WeakMap<IncomingMessage, string>();

/** Gives each request its id and answers it. */
export function identifyRequests(random: RandomBytes): RequestHandler {
  return function identifyRequest(request, response, next) {
    const given = request.headers['x-request-id'];
    const id =
      typeof given === 'string' && ID.test(given)
        ? given
        : (remoteParentOf(request)?.traceId ?? toHex(random(ID_BYTES)));
    ids.set(request, id);
    response.setHeader('X-Request-Id', id);
    next();
  };
}

/** The id of a request; empty for one that has none yet. */
export function requestIdOf(request: IncomingMessage): string {
  return ids.get(request) ?? '';
}

/** The caller's span, when the header is of the strict form. */
export function remoteParentOf(request: IncomingMessage): RemoteParent | undefined {
  const given = request.headers['traceparent'];
  const [, traceId, spanId, flags] = (typeof given === 'string' && PARENT.exec(given)) || [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
