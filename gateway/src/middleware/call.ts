// SPDX-License-Identifier: Apache-2.0
// What a request asks for, as the trace keeps it when it is denied: the operation, by the method and path that the
// OpenAPI document has, and the purpose that was given.
import type { Request, RequestHandler } from 'express';
import type { TraceAct } from '../trace/trace.ts';
import { givenPurpose } from './purpose.ts';
import type { PurposeCode } from '../purposes.ts';

/** An operation that was called. */
export interface Call {
  readonly operation: string;
  readonly purpose: PurposeCode | undefined;
}

const operations = new WeakMap<Request, string>();

/** Remembers which operation a request came to. */
export function nameOperation(operation: {
  readonly method: string;
  readonly path: string;
}): RequestHandler {
  const name = `${operation.method} ${operation.path}`;
  return (request, _response, next) => {
    operations.set(request, name);
    next();
  };
}

/** What a request asks for. @throws TypeError outside of an operation */
export function callOf(request: Request): Call {
  const operation = operations.get(request);
  if (operation === undefined) throw new TypeError('unreachable: operations name themselves');
  return { operation, purpose: givenPurpose(request) };
}

/** The act of a denial. */
export function denialAct(
  { operation, purpose }: Call,
  denied: { readonly actor: string; readonly outcome: string; readonly subject?: string | null },
): TraceAct {
  const { actor, outcome, subject = null } = denied;
  const why = purpose ?? 'unstated';
  return { kind: 'denial', actor, subject, outcome, purpose: why, detail: { operation } };
}
