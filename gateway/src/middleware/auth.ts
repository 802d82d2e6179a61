// SPDX-License-Identifier: Apache-2.0
// Who calls, and whether the operation is for one of their roles (docs/api.md §1).
import type { Request, RequestHandler, Response } from 'express';
import type { Principal, Role } from '../accounts/principal.ts';
import { gatewayError } from '../problem-codes.ts';

/** One way to prove who one is; undefined where it was not tried or did not hold. */
export type Authenticator = (
  request: Request,
  response: Response,
) => Promise<Principal | undefined>;

const principals = new WeakMap<Request, Principal>();

/** Asks each way in turn, first come; whether anybody is needed is `requireRole`'s to say. */
export function authenticate(ways: readonly Authenticator[]): RequestHandler {
  return async function findPrincipal(request, response, next) {
    for (const way of ways) {
      const principal = await way(request, response);
      if (principal === undefined) continue;
      principals.set(request, principal);
      break;
    }
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

/** Who called, or undefined where nobody proved to be anybody. */
export function principalOf(request: Request): Principal | undefined {
  return principals.get(request);
}
