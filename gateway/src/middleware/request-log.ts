// SPDX-License-Identifier: Apache-2.0
// One line a request: method, route, status, time. The route is its pattern; what was in its place is not logged.
import type { Request, RequestHandler } from 'express';
import type { Log } from '../log.ts';

export function logRequests(log: Log): RequestHandler {
  return function logRequest(request, response, next) {
    const begun = performance.now();
    response.once('finish', () => {
      log.info('request', {
        method: request.method,
        route: routeOf(request),
        status: response.statusCode,
        milliseconds: Math.round(performance.now() - begun),
      });
    });
    next();
  };
}

function routeOf(request: Request): string {
  const route: unknown = request.route;
  const hasPath = typeof route === 'object' && route !== null && 'path' in route;
  return hasPath && typeof route.path === 'string' ? route.path : '(none)';
}
