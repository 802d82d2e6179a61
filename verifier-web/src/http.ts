// SPDX-License-Identifier: Apache-2.0
// Calls of the gateway (docs/api.md): same origin, a role's token, a purpose, problems by their code.
import * as json from './json.ts';
import { PageError } from './page-error.ts';
import { account, keepAccount, tokenOf } from './session.ts';
import type { Role } from './session.ts';

/** Why somebody looks something up; recorded in the trace. */
export const PURPOSES = [
  'counter-service',
  'inspection',
  'issuance',
  'correction',
  'holder-request',
  'audit',
  'training',
] as const;
export type Purpose = (typeof PURPOSES)[number];

/** One call; `body` is JSON unless `mediaType` says otherwise. */
export interface Call {
  readonly path: string;
  readonly role?: Role;
  /** About the account that is signed in: by its cookie, whatever tokens there are. */
  readonly own?: true;
  /** Instead of the role's own token: for trying one out. */
  readonly token?: string;
  readonly purpose?: Purpose;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  readonly file?: Blob;
  readonly mediaType?: string;
  /** Same key, same act: a repeated call changes nothing. */
  readonly key?: string;
}

/** What was wrong with one field or parameter. */
export interface ProblemPart {
  readonly slot?: string | undefined;
  readonly path?: string | undefined;
  readonly reason: string;
}

/** A problem the gateway answered with (RFC 9457). */
export class GatewayProblem extends Error {
  override readonly name = 'GatewayProblem';
  readonly code: string;
  readonly status: number;
  readonly problems: readonly ProblemPart[];

  constructor(code: string, status: number, problems: readonly ProblemPart[]) {
    super(`${code} (${status})`);
    this.code = code;
    this.status = status;
    this.problems = problems;
  }
}

const TIMEOUT = 20_000;
const problemShape = json.record({
  code: json.text,
  problems: json.optional(
    json.list(
      json.record({
        slot: json.optional(json.text),
        path: json.optional(json.text),
        reason: json.optional(json.text),
      }),
    ),
  ),
});

/** Calls the gateway and reads its answer. @throws GatewayProblem, PageError GATEWAY_UNREACHABLE, GATEWAY_ANSWER */
export async function call<T>(request: Call, reader: json.Reader<T>): Promise<T> {
  const response = await send(request);
  const answer = await readJson(response);
  if (!response.ok) {
    const problem = problemOf(response.status, answer);
    if (problem.code === 'TOKEN_INVALID' && isByName(request)) keepAccount(undefined);
    throw problem;
  }
  return reader(answer, request.path);
}

/** Whether a call goes by the cookie of an account. */
function isByName({ role, token, own }: Call): boolean {
  if (own === true) return true;
  if (token !== undefined || role === undefined || tokenOf(role) !== undefined) return false;
  return account.value?.roles.includes(role) === true;
}

/** A key for one act of a person. */
export function newKey(): string {
  return crypto.randomUUID();
}

async function send(request: Call): Promise<Response> {
  const query = new URLSearchParams(
    Object.entries(request.query ?? {}).map(([name, value]) => [name, String(value)]),
  ).toString();
  const body = bodyOf(request);
  try {
    return await fetch(`/v1/${request.path}${query === '' ? '' : `?${query}`}`, {
      method: body === null ? 'GET' : 'POST',
      headers: headersOf(request),
      body,
      cache: 'no-store',
      signal: AbortSignal.timeout(request.file === undefined ? TIMEOUT : 15 * TIMEOUT),
    });
  } catch (cause) {
    throw new PageError('GATEWAY_UNREACHABLE', 'no answer from the gateway', { cause });
  }
}

function bodyOf(request: Call): BodyInit | null {
  if (request.file !== undefined) return request.file;
  return request.body === undefined ? null : JSON.stringify(request.body);
}

/** Headers that say who asks: a token, or this page's own word beside its cookie. */
export function identify({ role, token }: Pick<Call, 'role' | 'token'>): Headers {
  const shown = token ?? (role === undefined ? undefined : tokenOf(role));
  if (shown !== undefined) return new Headers({ Authorization: `Bearer ${shown}` });
  // Another site's page cannot send it.
  return new Headers({ 'Zhenglian-Page': '1' });
}

function headersOf(request: Call): Headers {
  const headers = identify(request);
  headers.set('Accept', 'application/json');
  if (request.purpose !== undefined) headers.set('Purpose-Code', request.purpose);
  if (request.key !== undefined) headers.set('Idempotency-Key', request.key);
  if (request.body !== undefined || request.file !== undefined) {
    headers.set('Content-Type', request.mediaType ?? 'application/json');
  }
  return headers;
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    // A proxy's page instead of the gateway's answer is the same to a counter as no answer.
    throw new PageError('GATEWAY_UNREACHABLE', 'the answer is not JSON', { cause });
  }
}

function problemOf(status: number, answer: unknown): GatewayProblem {
  const { code, problems } = problemShape(answer, 'problem');
  const parts = (problems ?? []).flatMap(({ slot, path, reason }) =>
    reason === undefined ? [] : [{ slot, path, reason }],
  );
  return new GatewayProblem(code, status, parts);
}
