// SPDX-License-Identifier: Apache-2.0
// Sign-in by the identity provider: out to it, and back from it. Both are addresses that a browser walks through, so they
// answer with the next one; what went wrong on the way back is told by the page to a browser, as a problem to anything
// else. The cookie in between is Lax: the way back begins at another site.
import { Router } from 'express';
import type { Request } from 'express';
import { isCodedError } from '@zhenglian/core/errors';
import type { GatewayContext } from '../context.ts';
import { setSessionCookie } from '../middleware/session-cookie.ts';
import { OIDC_SECONDS } from '../oidc/sign-in.ts';
import { gatewayError } from '../problem-codes.ts';
import { serve } from '../routing.ts';
import type { Answer } from '../routing.ts';
import { beginOidc, finishOidc } from '../schemas/oidc.ts';

/** Where the page takes over: somebody is signed in; or a code of what went wrong follows. */
const ENTERED = '/#/entered';
const REFUSED = '/#/refused/';

export function oidcRoutes(context: GatewayContext): Router {
  const router = Router();
  const { accounts, config, trace } = context;
  const tls = config.tls !== undefined;

  serve(router, context, beginOidc, async ({ request }) => {
    const { signIn, name, options } = configured(context);
    const begun = await signIn.begin().catch(told(request));
    if (!('url' in begun)) return begun;
    request.res?.cookie(name, begun.browser, { ...options, maxAge: OIDC_SECONDS * 1000 });
    return to(begun.url);
  });

  serve(router, context, finishOidc, async ({ request }) => {
    const { signIn, origin, name, options } = configured(context);
    request.res?.clearCookie(name, options);
    const callback = new URL(request.originalUrl, origin);
    try {
      const holder = await signIn.finish(callback, cookieOf(request, name));
      const id = await accounts.sessions.open(holder);
      const { actor } = holder;
      const act = {
        kind: 'sign-in',
        purpose: 'access',
        actor,
        subject: null,
        outcome: 'done',
      } as const;
      await trace.append({ ...act, detail: { how: 'oidc' } });
      if (request.res !== undefined)
        setSessionCookie(request, request.res, id, tls || isHttps(origin));
      return to(ENTERED);
    } catch (error) {
      const outcome = isCodedError<string>(error) ? error.code : 'INTERNAL';
      const act = {
        kind: 'sign-in',
        purpose: 'access',
        actor: 'nobody',
        subject: null,
        outcome,
      } as const;
      await trace.append({ ...act, detail: { how: 'oidc' } });
      return told(request)(error);
    }
  });
  return router;
}

/** @throws OIDC_NONE */
function configured({ accounts, config }: GatewayContext) {
  const { oidc: signIn } = accounts;
  if (signIn === undefined || config.oidc === undefined) {
    throw gatewayError('OIDC_NONE', 'no identity provider is configured here');
  }
  const { origin } = config.oidc;
  const secure = isHttps(origin);
  const name = secure ? '__Host-zl-oidc' : 'zl-oidc';
  const options = { httpOnly: true, sameSite: 'lax', path: '/', secure } as const;
  return { signIn, origin, name, options };
}

/** Tells a browser on its way by the page what its own code says; throws for anybody else. */
function told(request: Request): (error: unknown) => Answer {
  return (error) => {
    const isBrowser = request.headers.accept?.includes('text/html') === true;
    if (isBrowser && isCodedError<string>(error)) return to(REFUSED + error.code);
    throw error;
  };
}

function to(address: string): Answer {
  return { status: 303, headers: { Location: address } };
}

function isHttps(origin: string): boolean {
  return origin.startsWith('https:');
}

function cookieOf({ headers }: Request, wanted: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === wanted)?.[1];
}
