// SPDX-License-Identifier: Apache-2.0
// One way to write a route: an operation says who may call it, with what, and what it answers; from the same record
// come the checks, the OpenAPI document and the tests of answers (docs/api.md).
import type { Request, RequestHandler, Response, Router } from 'express';
import type { z } from 'zod';
import { isWithin } from './accounts/principal.ts';
import type { Principal, Role, ScopedThing } from './accounts/principal.ts';
import { requireScope } from './accounts/require-scope.ts';
import type { Touched } from './accounts/touched.ts';
import type { GatewayContext } from './context.ts';
import { principalOf, requireRole } from './middleware/auth.ts';
import { callOf, denialAct, nameOperation } from './middleware/call.ts';
import { readForm, readJson, streamBody } from './middleware/body.ts';
import { markDeprecated } from './middleware/deprecation.ts';
import type { Deprecated } from './middleware/deprecation.ts';
import { entityTag, isKnown } from './middleware/entity-tag.ts';
import { jsonDigest, once } from './middleware/idempotency.ts';
import type { Answer, Remember } from './middleware/idempotency.ts';
import { givenPurpose, purposeOf, requirePurpose } from './middleware/purpose.ts';
import type { PurposeCode } from './purposes.ts';
import { requestIdOf } from './middleware/request-id.ts';
import { csrfRefused, forgedCookie } from './middleware/session-cookie.ts';
import { sendAnswer, sendJson } from './middleware/send-answer.ts';
import { gatewayError } from './problem-codes.ts';

export type { Answer, Remember } from './middleware/idempotency.ts';

/** What is known of a route before it runs. `path` in Express's form: `/v1/licences/:id`. */
export interface Operation<P = unknown, Q = unknown, B = unknown> {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  readonly path: string;
  readonly summary: string;
  readonly access: 'open' | readonly Role[];
  /** Which licences and types it touches: looked at against the scope of who calls, before anything is done. */
  touches?(input: OperationInput<P, Q, B>): readonly Touched[];
  /** The header Purpose-Code is demanded. */
  readonly purpose?: boolean;
  /** Changes what this province issues: refused on a read-only gateway. */
  readonly issuing?: boolean;
  /** Takes an Idempotency-Key. */
  readonly idempotent?: boolean;
  /** The answer may be kept by who asked, and asked for again by its entity tag. */
  readonly cached?: boolean;
  /** The answer has an entity tag of its own, which a `versioned` operation takes, and is not sent again to who has it. */
  readonly tagged?: boolean;
  /** A write that takes If-Match; the handler looks at it. */
  readonly versioned?: boolean;
  /** Told in every answer and in the OpenAPI document. */
  readonly deprecated?: Deprecated;
  readonly params?: z.ZodType<P>;
  readonly query?: z.ZodType<Q>;
  readonly body?: z.ZodType<B>;
  /** The body is a form (`application/x-www-form-urlencoded`), as OAuth has it. */
  readonly form?: true;
  /** Of the body; 1 MiB unless given. */
  readonly bodyBytes?: number;
  /** Media types of a body that the handler reads from `request` itself. */
  readonly streams?: readonly string[];
  /** Media type of the answer where it is not JSON. */
  readonly media?: string;
  /** Schema of the body of each 2xx status; `z.undefined()` for none. */
  readonly answers: Readonly<Record<number, z.ZodType>>;
  /** Codes of problems beside the common ones. */
  readonly codes: readonly string[];
}

/** The parts of a request that schemas have read. */
export interface OperationInput<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
}

/** What a handler gets. */
export interface Input<P, Q, B> extends OperationInput<P, Q, B> {
  /** Who, for the trace; `holder` on open routes. */
  readonly actor: string;
  /** What for; `unstated` only on an operation that demands none. */
  readonly purpose: PurposeCode | 'unstated';
  readonly remember: Remember;
  readonly request: Request;
  /** For what is known only while it is worked on. @throws SCOPE_DENIED, after it was traced */
  readonly requireScope: (touched: readonly Touched[]) => Promise<void>;
  /** Whether who calls may see a licence that was found. */
  readonly sees: (found: ScopedThing) => boolean;
}

export type Handler<P, Q, B> = (input: Input<P, Q, B>) => Promise<Answer>;

const DEFAULT_BODY_BYTES = 1 << 20;
const LICENCE_ID = /^[0-9a-f]{32}$/;

/** Types an operation; it stays the record it was. */
export function defineOperation<P, Q, B>(operation: Operation<P, Q, B>): Operation<P, Q, B> {
  return operation;
}

/** Looks at whether somebody may, before anything is done and before a kept answer is given again. */
export type Admit<P, Q, B> = (
  input: OperationInput<P, Q, B> & { readonly request: Request },
) => Promise<void>;

/** Mounts an operation: role, purpose, body, schemas, idempotency, then the handler; its answer becomes JSON. */
export function serve<P, Q, B>(
  router: Router,
  context: GatewayContext,
  operation: Operation<P, Q, B>,
  handler: Handler<P, Q, B>,
  admit?: Admit<P, Q, B>,
): void {
  const run: RequestHandler = async (request, response) => {
    const answer = await answerOf(context, operation, { handler, admit }, request);
    if (answer.status === 202) logAccepted(context, operation.path, request, answer.body);
    if (operation.cached === true) sendCached(request, response, answer);
    else await sendAnswer(response, answer);
  };
  router[operation.method](operation.path, ...guards(context, operation), run);
}

/** @throws PURPOSE_REQUIRED */
function whyOf(operation: Pick<Operation, 'purpose'>, request: Request): PurposeCode | 'unstated' {
  return operation.purpose === true ? purposeOf(request) : (givenPurpose(request) ?? 'unstated');
}

function sendCached(request: Request, response: Response, { status, body }: Answer): void {
  const tag = entityTag(body);
  response.set({ 'Cache-Control': 'private, no-cache', ETag: tag });
  if (isKnown(request, tag)) response.status(304).end();
  else sendJson(response.status(status), body);
}

/** From here on the log knows a request's work by the random handle it was answered. */
function logAccepted(
  { log }: GatewayContext,
  route: string,
  request: Request,
  body: unknown,
): void {
  const id = typeof body === 'object' && body !== null && 'id' in body ? body.id : undefined;
  const handle = typeof id === 'string' ? { id } : {};
  log.info('accepted', { requestId: requestIdOf(request), route, ...handle });
}

function guards<P, Q, B>(context: GatewayContext, operation: Operation<P, Q, B>): RequestHandler[] {
  const chain: RequestHandler[] = [nameOperation(operation), refuseForged(context)];
  const { deprecated } = operation;
  if (deprecated !== undefined) chain.push(markDeprecated(deprecated));
  if (operation.access !== 'open') {
    chain.push(requireRole(operation.access, (who, request) => traceDenial(context, who, request)));
  }
  if (operation.issuing === true && context.config.readOnly) chain.push(refuseIssuing);
  if (operation.purpose === true) chain.push(requirePurpose);
  if (operation.body !== undefined) {
    const readBody = operation.form === true ? readForm : readJson;
    chain.push(readBody(operation.bodyBytes ?? DEFAULT_BODY_BYTES));
  }
  if (operation.streams !== undefined) chain.push(streamBody());
  return chain;
}

async function answerOf<P, Q, B>(
  context: GatewayContext,
  operation: Operation<P, Q, B>,
  {
    handler,
    admit,
  }: { readonly handler: Handler<P, Q, B>; readonly admit: Admit<P, Q, B> | undefined },
  request: Request,
): Promise<Answer> {
  const params = parse(operation.params, request.params, 'path');
  const query = parse(operation.query, request.query, 'query');
  const body = parse(operation.body, request.body, 'body');
  const principal = principalOf(request);
  const input = {
    params,
    query,
    body,
    actor: principal?.actor ?? 'holder',
    purpose: whyOf(operation, request),
    request,
    requireScope: (touched: readonly Touched[]) =>
      requireScope(context, principal, touched, callOf(request)),
    sees: (found: ScopedThing) => principal === undefined || isWithin(principal.scope, found),
  };
  await input.requireScope(operation.touches?.(input) ?? []);
  await admit?.(input);
  if (operation.idempotent !== true || operation.streams !== undefined) {
    return handler({ ...input, remember: () => [] });
  }
  return once(
    context,
    request,
    () => jsonDigest(request.body),
    (remember) => handler({ ...input, remember }),
  );
}

/** Who has a token and tries what it is not for is remembered, in the trail of the licence it was tried on. */
function traceDenial(
  { trace }: GatewayContext,
  { actor }: Principal,
  request: Request,
  outcome = 'ROLE_DENIED',
): Promise<void> {
  const subject = LICENCE_ID.exec(String(request.params['id']))?.[0] ?? null;
  return trace.append(denialAct(callOf(request), { actor, subject, outcome }));
}

/** What another site made the browser of somebody who is signed in ask for. Error: CSRF_REFUSED. */
function refuseForged(context: GatewayContext): RequestHandler {
  return async function refuseForgery(request, _response, next) {
    const id = forgedCookie(request, context.config.tls !== undefined);
    if (id !== undefined) {
      const principal = await context.accounts.sessions.holder(id);
      if (principal !== undefined) await traceDenial(context, principal, request, 'CSRF_REFUSED');
      throw csrfRefused();
    }
    next();
  };
}

/** Without a schema a part is not read at all: its type is `unknown`. */
function parse<T>(schema: z.ZodType<T> | undefined, value: unknown, part: string): T {
  if (schema === undefined) return undefined as T;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 100).map((issue) => ({
    path: [part, ...issue.path.map(String)].join('.'),
    reason: issue.code,
  }));
  throw gatewayError('REQUEST_INVALID', 'the request does not fit its schema', {
    detail: problems,
  });
}

const refuseIssuing: RequestHandler = () => {
  throw gatewayError('READ_ONLY', 'this gateway issues no licences');
};
