// SPDX-License-Identifier: Apache-2.0
// Requests and responses that are born with the prototypes Express would give each of them: a prototype that is exchanged
// makes V8 look up every property of the object anew, a quarter of the time of a small request (docs/performance.md).
import { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerOptions } from 'node:http';
import type { Express } from 'express';

/** Classes for the server under an application, which from then on finds nothing to exchange. */
export function messageClasses(
  app: Express,
): Required<Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>> {
  class AppRequest extends IncomingMessage {}
  class AppResponse<R extends IncomingMessage> extends ServerResponse<R> {}
  app.request = Object.setPrototypeOf(AppRequest.prototype, app.request) as Express['request'];
  app.response = Object.setPrototypeOf(AppResponse.prototype, app.response) as Express['response'];
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
}
