// SPDX-License-Identifier: Apache-2.0
// Accounts and machine clients, for administrators; and the invitation, for who has it.
import { Router } from 'express';
import type { Request } from 'express';
import type { Account } from '../accounts/account-record.ts';
import type { Invitation } from '../accounts/account-desk.ts';
import type { Client } from '../accounts/client-record.ts';
import type { Scope } from '../accounts/principal.ts';
import { requireGrant } from '../accounts/require-grant.ts';
import type { GatewayContext } from '../context.ts';
import { principalOf } from '../middleware/auth.ts';
import { callOf } from '../middleware/call.ts';
import { serve } from '../routing.ts';
import {
  activateAccount,
  changeAccount,
  createAccount,
  disableClient,
  listAccounts,
  listClients,
  recoverAccount,
  registerClient,
} from '../schemas/accounts.ts';

export function accountsRoutes(context: GatewayContext): Router {
  const router = Router();
  const { desk, clients, audience } = context.accounts;

  const requireOwn = (request: Request, ...scopes: readonly (Scope | undefined)[]) =>
    requireGrant(context, principalOf(request), scopes, callOf(request));
  const scopeOf = async (id: string) => (await desk.byId(id))?.scope;

  serve(
    router,
    context,
    createAccount,
    async ({ body, actor }) => {
      return { status: 201, body: tellInvitation(await desk.create(body, actor)) };
    },
    ({ body, request }) => requireOwn(request, body.scope),
  );
  serve(router, context, listAccounts, async () => {
    return { status: 200, body: { accounts: (await desk.list()).map(tellAccount) } };
  });
  serve(
    router,
    context,
    changeAccount,
    async ({ params, body, actor }) => {
      return { status: 200, body: tellAccount(await desk.change(params.id, body, actor)) };
    },
    async ({ params, body, request }) => requireOwn(request, body.scope, await scopeOf(params.id)),
  );
  serve(
    router,
    context,
    recoverAccount,
    async ({ params, actor }) => {
      return { status: 200, body: tellInvitation(await desk.recover(params.id, actor)) };
    },
    async ({ params, request }) => requireOwn(request, await scopeOf(params.id)),
  );
  serve(router, context, activateAccount, async ({ body }) => {
    await desk.activate(body);
    return { status: 200, body: { activated: true } };
  });
  serve(
    router,
    context,
    registerClient,
    async ({ body, actor }) => {
      const keys = JSON.stringify({ keys: body.keys });
      const client = await clients.register({ ...body, keys }, actor);
      return { status: 201, body: { client: tellClient(client), audience } };
    },
    ({ body, request }) => requireOwn(request, body.scope),
  );
  serve(router, context, listClients, async () => {
    return { status: 200, body: { clients: (await clients.list()).map(tellClient), audience } };
  });
  serve(
    router,
    context,
    disableClient,
    async ({ params, actor }) => {
      return { status: 200, body: tellClient(await clients.disable(params.id, actor)) };
    },
    async ({ params, request }) => requireOwn(request, (await clients.byId(params.id))?.scope),
  );
  return router;
}

function tellAccount({ id, name, roles, scope, state, factor, createdAt, signedInAt }: Account) {
  const secondFactor = factor?.confirmed === true;
  const seen = signedInAt === undefined ? {} : { signedInAt };
  return { id, name, roles, scope, state, secondFactor, createdAt, ...seen };
}

function tellInvitation({ account: { id, name }, invitation, expiresAt }: Invitation) {
  return { id, name, invitation, expiresAt };
}

function tellClient({ id, name, roles, scope, state, createdAt }: Client) {
  return { id, name, roles, scope, state, createdAt };
}
