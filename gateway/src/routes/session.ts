// SPDX-License-Identifier: Apache-2.0
// Signing in and out on a page, who the caller is, and what people do with their own accounts.
import { Router } from 'express';
import type { Request } from 'express';
import { isCodedError } from '@zhenglian/core/errors';
import type { Principal } from '../accounts/principal.ts';
import type { LiveSession } from '../accounts/sessions.ts';
import { accountLabel } from '../accounts/account-record.ts';
import type { Owner } from '../accounts/own-account.ts';
import type { GatewayContext } from '../context.ts';
import { principalOf } from '../middleware/auth.ts';
import { maybeSessionOf, sessionOf, setSessionCookie } from '../middleware/session-cookie.ts';
import { gatewayError } from '../problem-codes.ts';
import { serve } from '../routing.ts';
import {
  confirmSecondFactor,
  getSession,
  offerSecondFactor,
  removeSecondFactor,
  setPassword,
  signIn,
  signOut,
} from '../schemas/identity.ts';

export function sessionRoutes(context: GatewayContext): Router {
  const router = Router();
  const { accounts, config, trace } = context;
  const { desk, own, sessions } = accounts;
  const tls = config.tls !== undefined;
  const setCookie = (request: Request, id: string | undefined) => {
    if (request.res !== undefined) setSessionCookie(request, request.res, id, tls);
  };
  /** Rights have changed: all other sessions are over, this one goes on under another id. */
  const renew = async (request: Request) => {
    const { id } = sessionOf(request);
    setCookie(request, await sessions.renew(id));
  };

  serve(router, context, getSession, ({ request }) => {
    const principal = principalOf(request);
    if (principal === undefined) throw gatewayError('TOKEN_INVALID', 'a valid token is needed');
    return Promise.resolve({ status: 200, body: tell(principal, maybeSessionOf(request)) });
  });

  serve(router, context, signIn, async ({ body, request }) => {
    const attempt = { ...body, address: request.ip ?? '' };
    const account = await telling(request, accounts.signIn(attempt));
    setCookie(request, await sessions.open({ account: account.id }));
    const { id, name, roles, scope, factor } = account;
    const principal = { actor: accountLabel(id), roles, scope, how: 'session' } as const;
    return {
      status: 200,
      body: tell(principal, { name, secondFactor: factor?.confirmed === true }),
    };
  });

  serve(router, context, signOut, async ({ body, request, actor }) => {
    const { id, session } = sessionOf(request);
    await sessions.end(id);
    const everywhere = body.everywhere === true && session.account !== undefined;
    if (everywhere) await desk.endSessions(session.account);
    setCookie(request, undefined);
    await trace.append({
      kind: 'sign-out',
      purpose: 'access',
      actor,
      subject: null,
      outcome: 'done',
      detail: { how: everywhere ? 'everywhere' : 'here' },
    });
    return { status: 200, body: { ended: true } };
  });

  serve(router, context, setPassword, async ({ body, request }) => {
    await telling(request, own.setPassword(ownerOf(request), body.current, body.password));
    await renew(request);
    return { status: 200, body: { changed: true } };
  });

  serve(router, context, offerSecondFactor, async ({ request }) => {
    return { status: 200, body: await own.offerFactor(ownerOf(request)) };
  });

  serve(router, context, confirmSecondFactor, async ({ body, request }) => {
    await telling(request, own.confirmFactor(ownerOf(request), body.code));
    await renew(request);
    return { status: 200, body: { confirmed: true } };
  });

  serve(router, context, removeSecondFactor, async ({ body, request }) => {
    await telling(request, own.removeFactor(ownerOf(request), body.password, body.code));
    await renew(request);
    return { status: 200, body: { removed: true } };
  });
  return router;
}

function tell(
  { actor, roles, scope, how }: Principal,
  owned: Partial<Pick<LiveSession, 'name' | 'secondFactor'>> = {},
) {
  const { name, secondFactor } = owned;
  return {
    ...{ role: roles[0], roles, actor, scope, how },
    ...(name === undefined ? {} : { name }),
    ...(secondFactor === undefined ? {} : { secondFactor }),
  };
}

/** Says in a header how long to wait, where an error says so. */
async function telling<T>(request: Request, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isCodedError<string>(error)) request.res?.set(waitOf(error.detail));
    throw error;
  }
}

function waitOf(detail: unknown): Record<string, string> {
  const knows = typeof detail === 'object' && detail !== null && 'retryAfter' in detail;
  return knows ? { 'Retry-After': String(detail.retryAfter) } : {};
}

/** Somebody an identity provider vouches for changes nothing here. @throws SESSION_NEEDED */
function ownerOf(request: Request): Owner {
  const { account: id, name } = sessionOf(request).session;
  if (id !== undefined && name !== undefined) return { id, name, address: request.ip ?? '' };
  throw gatewayError('SESSION_NEEDED', 'this is for accounts of this gateway');
}
