// SPDX-License-Identifier: Apache-2.0
// One line, one measurement and, where spans are wanted, one span a request: method, route, status, time, id. The route
// is its pattern; what was in its place is told nowhere.
import type { Request, RequestHandler } from 'express';
import type { Log } from '../log.ts';
import type { Observers } from '../observing/observed-parts.ts';
import { remoteParentOf, requestIdOf } from './request-id.ts';

/** What tells of requests, and how many are being answered. */
export interface RequestLog {
  readonly handler: RequestHandler;
  readonly inFlight: () => number;
}

/** Tells of every request when it is answered, or when its caller is gone. */
export function logRequests(log: Log, { metrics, tracing }: Observers): RequestLog {
  let inFlight = 0;
  return {
    inFlight: () => inFlight,
    handler: function logRequest(request, response, next) {
      const begun = performance.now();
      const { method } = request;
      const requestId = requestIdOf(request);
      const span = tracing.begin('request', { method, requestId }, remoteParentOf(request));
      let isTold = false;
      inFlight += 1;
      const tell = (gone: { readonly code?: string }) => {
        if (isTold) return;
        isTold = true;
        inFlight -= 1;
        const milliseconds = performance.now() - begun;
        const status = response.statusCode;
        const route = routeOf(request);
        const labels = { method, route, status: `${String(Math.floor(status / 100))}xx` };
        metrics.observe('http_request_seconds', labels, milliseconds / 1000);
        const facts = { method, route, status, ...gone };
        span.end({ ...facts, isError: status >= 500 });
        log.info('request', { requestId, ...facts, milliseconds: Math.round(milliseconds) });
      };
      response.once('finish', () => tell({}));
      response.once('close', () => tell({ code: 'CALLER_GONE' }));
      span.within(() => next());
    },
  };
}

function routeOf(request: Request): string {
  const route: unknown = request.route;
  const hasPath = typeof route === 'object' && route !== null && 'path' in route;
  return hasPath && typeof route.path === 'string' ? route.path : '(none)';
}
