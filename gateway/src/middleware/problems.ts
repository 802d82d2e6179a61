// SPDX-License-Identifier: Apache-2.0
// Errors as RFC 9457 problems. Only codes and words of our own leave the process: what a library says may quote
// the input, so its message stays inside.
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { CodedError } from '@zhenglian/core/errors';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { gatewayError, isProblemCode, statusOfCode } from '../problem-codes.ts';
import { LANGUAGES, titleOf } from '../problem-words.ts';
import type { Language } from '../problem-words.ts';
import { requestIdOf } from './request-id.ts';

/** A problem as it is answered. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly problems?: readonly unknown[];
  /** Names the request in the log; answered as `X-Request-Id` too. */
  readonly requestId?: string;
}

/** Statuses that refuse a caller rather than a request. */
const DENIALS = [401, 403, 429];

/** Answers every error that reaches it; one that is no code of ours is logged and answered as INTERNAL. */
export function answerProblems(log: Log, metrics: Metrics): ErrorRequestHandler {
  return function answerProblem(error: unknown, request, response, next) {
    const language = languageOf(request);
    const requestId = requestIdOf(request);
    const problem = { ...problemOf(error, language), ...(requestId === '' ? {} : { requestId }) };
    const { code, status } = problem;
    metrics.count('problems_total', { code });
    if (DENIALS.includes(status)) metrics.count('denials_total', { code });
    if (status >= 500) log.error('problem', { requestId, code, method: request.method, error });
    if (response.headersSent) next(error);
    else sendProblem(response, problem, language);
  };
}

/** The last route: nothing else answered. */
export const unknownRoute: RequestHandler = () => {
  throw gatewayError('ROUTE_UNKNOWN', 'there is nothing here');
};

/** The problem of a caught value: its title in a language, in English also the words of this very case. */
export function problemOf(error: unknown, language: Language = 'en'): Problem {
  const coded = codedOf(error);
  const code = isProblemCode(coded.code) ? coded.code : 'INTERNAL';
  const status = statusOfCode(code) ?? 500;
  const type = `urn:zhenglian:problem:${code}`;
  const title = titleOf(code, language);
  if (code === 'INTERNAL') return { type, title, status, code };
  const detail = coded.message.slice(code.length + 2);
  const problems: unknown = coded.detail;
  return {
    ...{ type, title, status, code },
    ...(language === 'en' && detail !== '' ? { detail } : {}),
    ...(Array.isArray(problems) ? { problems: problems as readonly unknown[] } : {}),
  };
}

/** Chinese for those who ask for it, English otherwise. */
function languageOf(request: Request): Language {
  const wanted = request.acceptsLanguages([...LANGUAGES]);
  return LANGUAGES.find((language) => language === wanted) ?? 'en';
}

function sendProblem(response: Response, problem: Problem, language: Language): void {
  if (problem.status === 503) response.set('Retry-After', '2');
  response.set({ 'Content-Language': language, Vary: 'Accept-Language' });
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** Errors of Express's body parser and router, by their stable `type` and `status`, as codes of ours. */
function codedOf(error: unknown): { code: string; message: string; detail?: unknown } {
  if (error instanceof CodedError) return error as CodedError<string>;
  const { type, status } = (error instanceof Error ? error : {}) as Record<string, unknown>;
  if (type === 'entity.too.large' || type === 'parameters.too.many') {
    return gatewayError('BODY_TOO_LARGE', 'the body is too large');
  }
  if (type === 'charset.unsupported' || type === 'encoding.unsupported') {
    return gatewayError('MEDIA_TYPE', 'this encoding is not understood');
  }
  if (typeof type === 'string' && status === 400) {
    return gatewayError('BODY_MALFORMED', 'the body is not JSON, or ended early');
  }
  if (status === 400) return gatewayError('REQUEST_INVALID', 'the address is malformed');
  return gatewayError('INTERNAL', 'unexpected');
}
