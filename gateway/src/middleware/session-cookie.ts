// SPDX-License-Identifier: Apache-2.0
// The session cookie of pages, and the proof that a request with one comes from the page: another site can make a
// browser send requests, but not with a header of its own, and the browser says where they come from.
import type { Request, Response } from 'express';
import type { LiveSession, Sessions } from '../accounts/sessions.ts';
import { gatewayError } from '../problem-codes.ts';
import type { LookUp } from './look-up-limits.ts';

/** Sent by the page with every request that has a cookie and may change something. */
export const PAGE_HEADER = 'zhenglian-page';

/** Browsers take `__Host-` over HTTPS only; over plain HTTP (a machine of one's own) the bare name is used. */
const HOST_NAME = '__Host-zl';
const BARE_NAME = 'zl';
const ID = /^[0-9a-f]{64}$/;
const shown = new WeakMap<Request, { readonly id: string; readonly session: LiveSession }>();

/**
 * Sessions by cookie, where there is no Authorization header. A cookie that is none is nobody, and so is one of a request
 * that another site may have made (`forgedCookie`).
 */
export function sessionCookies(sessions: Sessions, tls: boolean): LookUp {
  const credentialOf = (request: Request) =>
    isFromPage(request) ? shownCookie(request, tls) : undefined;
  return {
    credentialOf,
    nextOf: (request) => shown.get(request)?.session.nextId,
    async find(request, response) {
      const id = credentialOf(request);
      if (id === undefined) return undefined;
      const session = await sessions.read(id);
      if (session === undefined) return undefined;
      if (session.nextId !== undefined) setSessionCookie(request, response, session.nextId, tls);
      shown.set(request, { id: session.nextId ?? id, session });
      return session.principal;
    },
  };
}

/** The session's id in a request that changes something and lacks the page's own proof. */
export function forgedCookie(request: Request, tls: boolean): string | undefined {
  return isLook(request) || isFromPage(request) ? undefined : shownCookie(request, tls);
}

export function csrfRefused() {
  return gatewayError('CSRF_REFUSED', `the page sends the header ${PAGE_HEADER} with its requests`);
}

/** The session a request came with. @throws SESSION_NEEDED */
export function sessionOf(request: Request): {
  readonly id: string;
  readonly session: LiveSession;
} {
  const found = shown.get(request);
  if (found !== undefined) return found;
  throw gatewayError('SESSION_NEEDED', 'this is for somebody who signed in on a page');
}

/** The session a request came with, if it came with one. */
export function maybeSessionOf(request: Request): LiveSession | undefined {
  return shown.get(request)?.session;
}

/** Gives the browser an id; without one it is taken away. */
export function setSessionCookie(
  request: Request,
  response: Response,
  id: string | undefined,
  tls: boolean,
): void {
  const secure = tls || isHttps(request);
  const options = { httpOnly: true, sameSite: 'strict', path: '/', secure } as const;
  const name = secure ? HOST_NAME : BARE_NAME;
  if (id === undefined) response.clearCookie(name, options);
  else response.cookie(name, id, options);
}

/**
 * Behind a proxy that ends TLS the browser's own word for where it is: a page that lied would only hurt itself. A GET has
 * no Origin, but a cookie that browsers keep under HTTPS only.
 */
function isHttps(request: Request): boolean {
  const saysSo = request.headers.origin?.startsWith('https:') === true;
  return saysSo || valueOf(request, HOST_NAME) !== undefined;
}

function valueOf({ headers }: Request, wanted: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === wanted)?.[1];
}

function shownCookie(request: Request, tls: boolean): string | undefined {
  return request.headers.authorization === undefined ? cookieOf(request, tls) : undefined;
}

function cookieOf(request: Request, tls: boolean): string | undefined {
  const id = valueOf(request, HOST_NAME) ?? (tls ? undefined : valueOf(request, BARE_NAME));
  return id !== undefined && ID.test(id) ? id : undefined;
}

function isFromPage(request: Request): boolean {
  return isSameSite(request) && (isLook(request) || request.headers[PAGE_HEADER] !== undefined);
}

function isLook({ method }: Request): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** By the browser's word (Fetch Metadata), or by Origin where a browser says nothing else. */
function isSameSite(request: Request): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  try {
    return new URL(origin).host === host;
  } catch {
    return false; // `null`, or nothing a browser says
  }
}
