// SPDX-License-Identifier: Apache-2.0
// An operation that will go says so in every answer: Deprecation (RFC 9745), Sunset (RFC 8594) and a link to what to do.
import type { RequestHandler } from 'express';

/** When an operation became deprecated, when it goes, and where that is explained; unix seconds. */
export interface Deprecated {
  readonly since: number;
  readonly sunset?: number;
  readonly link?: string;
}

/** Tells it in every answer, refusals too. */
export function markDeprecated({ since, sunset, link }: Deprecated): RequestHandler {
  return function tellDeprecation(_request, response, next) {
    response.setHeader('Deprecation', `@${String(since)}`);
    if (sunset !== undefined) response.setHeader('Sunset', new Date(sunset * 1000).toUTCString());
    if (link !== undefined) response.setHeader('Link', `<${link}>; rel="deprecation"`);
    next();
  };
}
