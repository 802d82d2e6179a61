// SPDX-License-Identifier: Apache-2.0
// Who calls, and whether the operation is for one of their roles (docs/api.md §1).
import type { Request, RequestHandler } from 'express';
import type { Principal, Role } from '../accounts/principal.ts';
import { gatewayError } from '../problem-codes.ts';
import { principalOfToken } from '../tokens.ts';
import type { TokenDigests } from '../tokens.ts';

const principals = new WeakMap<Request, Principal>();
const BEARER = /^Bearer ([\x21-\x7e]{1,200})$/i;

/** Reads the token, if any; whether one is needed is `requireRole`'s to say. */
export function authenticate(tokens: TokenDigests): RequestHandler {
  return function readToken(request, _response, next) {
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    const principal = token === undefined ? undefined : principalOfToken(tokens, token);
    if (principal !== undefined) principals.set(request, principal);
    next();
  };
}

/** Lets only these roles pass; `denied` is told of others before they are answered. Errors: TOKEN_INVALID, ROLE_DENIED. */
export function requireRole(
  roles: readonly Role[],
  denied: (principal: Principal, request: Request) => Promise<void>,
): RequestHandler {
  return async function checkRole(request, _response, next) {
    const principal = principals.get(request);
    if (principal === undefined) throw gatewayError('TOKEN_INVALID', 'a valid token is needed');
    if (!principal.roles.some((role) => roles.includes(role))) {
      await denied(principal, request);
      throw gatewayError('ROLE_DENIED', `this is for the role ${roles.join(' or ')}`);
    }
    next();
  };
}

/** Who called, or undefined where no token was given. */
export function principalOf(request: Request): Principal | undefined {
  return principals.get(request);
}
