// SPDX-License-Identifier: Apache-2.0
// Operations on accounts and machine clients: for administrators, and for who was invited (docs/accounts.md).
import { z } from 'zod';
import { ROLES } from '../accounts/principal.ts';
import { defineOperation } from '../routing.ts';
import { password, scope } from './identity.ts';
import { id, idParams, unixTime } from './values.ts';

/** Name of an account or a client. */
export const name = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{1,31}$/u);
const roles = z.array(z.enum(ROLES)).min(1).max(ROLES.length);
const accountBody = z.strictObject({
  id,
  name,
  roles,
  scope,
  state: z.enum(['invited', 'active', 'disabled']),
  secondFactor: z.boolean(),
  createdAt: unixTime,
  signedInAt: unixTime.optional(),
});
const invited = z.strictObject({
  id,
  name,
  invitation: z.string(),
  expiresAt: unixTime,
});

export const createAccount = defineOperation({
  method: 'post',
  path: '/v1/accounts',
  summary: 'Makes an account; its owner sets a password with the invitation',
  access: ['administrator'],
  idempotent: true,
  body: z.strictObject({
    name,
    roles: roles.refine((given) => !given.includes('machine')),
    scope,
  }),
  bodyBytes: 16_384,
  answers: { 201: invited },
  codes: ['ACCOUNT_EXISTS', 'SCOPE_DENIED'],
});

export const listAccounts = defineOperation({
  method: 'get',
  path: '/v1/accounts',
  summary: 'All accounts',
  access: ['administrator'],
  answers: { 200: z.strictObject({ accounts: z.array(accountBody) }) },
  codes: [],
});

export const changeAccount = defineOperation({
  method: 'post',
  path: '/v1/accounts/:id/changes',
  summary: 'Changes roles, scope or state of an account, and ends its sessions',
  access: ['administrator'],
  idempotent: true,
  params: idParams,
  body: z.strictObject({
    roles: roles.refine((given) => !given.includes('machine')).optional(),
    scope: scope.optional(),
    state: z.enum(['active', 'disabled']).optional(),
  }),
  bodyBytes: 16_384,
  answers: { 200: accountBody },
  codes: ['ACCOUNT_UNKNOWN', 'ACCOUNT_OWN', 'SCOPE_DENIED'],
});

export const recoverAccount = defineOperation({
  method: 'post',
  path: '/v1/accounts/:id/recovery',
  summary: 'Takes password and second factor away, ends sessions and invites anew',
  access: ['administrator'],
  idempotent: true,
  params: idParams,
  answers: { 200: invited },
  codes: ['ACCOUNT_UNKNOWN', 'ACCOUNT_OWN', 'SCOPE_DENIED'],
});

export const activateAccount = defineOperation({
  method: 'post',
  path: '/v1/accounts/activation',
  summary: 'Sets the password of an account with its invitation',
  access: 'open',
  body: z.strictObject({
    name: z.string().min(1).max(64),
    invitation: z.string().max(64),
    password,
  }),
  bodyBytes: 4096,
  answers: { 200: z.strictObject({ activated: z.literal(true) }) },
  codes: ['INVITATION_INVALID', 'PASSWORD_WEAK'],
});

const publicKey = z.discriminatedUnion('kty', [
  z.strictObject({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: z.base64url(),
    y: z.base64url(),
    kid: z.string().min(1).max(64),
    alg: z.literal('ES256').optional(),
    use: z.literal('sig').optional(),
  }),
  z.strictObject({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: z.base64url(),
    kid: z.string().min(1).max(64),
    alg: z.enum(['EdDSA', 'Ed25519']).optional(),
    use: z.literal('sig').optional(),
  }),
]);
const clientBody = z.strictObject({
  id,
  name,
  roles,
  scope,
  state: z.enum(['active', 'disabled']),
  createdAt: unixTime,
});

export const registerClient = defineOperation({
  method: 'post',
  path: '/v1/clients',
  summary: 'Registers a machine client with its public keys',
  access: ['administrator'],
  idempotent: true,
  body: z.strictObject({
    name,
    roles: roles.refine((given) => !given.includes('administrator')),
    scope,
    keys: z.array(publicKey).min(1).max(8),
  }),
  bodyBytes: 16_384,
  answers: { 201: z.strictObject({ client: clientBody, audience: z.string() }) },
  codes: ['SCOPE_DENIED'],
});

export const listClients = defineOperation({
  method: 'get',
  path: '/v1/clients',
  summary: 'All machine clients',
  access: ['administrator'],
  answers: { 200: z.strictObject({ clients: z.array(clientBody), audience: z.string() }) },
  codes: [],
});

export const disableClient = defineOperation({
  method: 'post',
  path: '/v1/clients/:id/disabling',
  summary: 'Disables a machine client; its tokens end at once',
  access: ['administrator'],
  idempotent: true,
  params: idParams,
  answers: { 200: clientBody },
  codes: ['CLIENT_UNKNOWN', 'SCOPE_DENIED'],
});
