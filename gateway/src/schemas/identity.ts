// SPDX-License-Identifier: Apache-2.0
// Operations with which people and machines say who they are (docs/accounts.md).
import { z } from 'zod';
import { ROLES } from '../accounts/principal.ts';
import { defineOperation } from '../routing.ts';
import { typeCode } from './values.ts';

const division = z.string().regex(/^(?:\d{2}|\d{4}|\d{6})$/);
export const password = z.string().min(1).max(256);
const code = z.string().regex(/^\d{6}$/);

export const scope = z.strictObject({
  divisions: z.union([z.literal('all'), z.array(division).min(1).max(64)]),
  types: z.union([z.literal('all'), z.array(typeCode).min(1).max(64)]),
});

const session = z.strictObject({
  role: z.enum(ROLES),
  roles: z.array(z.enum(ROLES)).min(1),
  actor: z.string(),
  /** Of the account, told to its owner. */
  name: z.string().optional(),
  /** Whether the account has a second factor, told to its owner. */
  secondFactor: z.boolean().optional(),
  scope,
  how: z.enum(['token', 'session', 'machine-token', 'oidc']),
});

export const getSession = defineOperation({
  method: 'get',
  path: '/v1/session',
  summary: 'Who the caller is: roles, scope, and how it was proved',
  access: ROLES,
  answers: { 200: session },
  codes: [],
});

export const signIn = defineOperation({
  method: 'post',
  path: '/v1/session',
  summary: 'Signs in with name, password and the code of a second factor; sets the session cookie',
  access: 'open',
  body: z.strictObject({
    name: z.string().min(1).max(64),
    password,
    code: code.optional(),
  }),
  bodyBytes: 4096,
  answers: { 200: session },
  codes: ['SIGN_IN_WRONG', 'SIGN_IN_WAIT', 'SIGN_IN_BUSY', 'CSRF_REFUSED'],
});

export const signOut = defineOperation({
  method: 'post',
  path: '/v1/session/end',
  summary: 'Signs out, everywhere if asked',
  access: ROLES,
  body: z.strictObject({ everywhere: z.boolean().optional() }),
  bodyBytes: 1024,
  answers: { 200: z.strictObject({ ended: z.literal(true) }) },
  codes: ['SESSION_NEEDED'],
});

export const setPassword = defineOperation({
  method: 'post',
  path: '/v1/session/password',
  summary: "Changes one's own password; other sessions end",
  access: ROLES,
  body: z.strictObject({ current: password, password }),
  bodyBytes: 4096,
  answers: { 200: z.strictObject({ changed: z.literal(true) }) },
  codes: ['SESSION_NEEDED', 'PASSWORD_WEAK', 'SIGN_IN_WRONG', 'SIGN_IN_WAIT', 'SIGN_IN_BUSY'],
});

export const offerSecondFactor = defineOperation({
  method: 'post',
  path: '/v1/session/second-factor',
  summary: 'A secret for an authenticator app; it counts once it is confirmed',
  access: ROLES,
  answers: {
    200: z.strictObject({ secret: z.string(), uri: z.string().startsWith('otpauth://') }),
  },
  codes: ['SESSION_NEEDED', 'FACTOR_EXISTS'],
});

export const confirmSecondFactor = defineOperation({
  method: 'post',
  path: '/v1/session/second-factor/confirmation',
  summary: 'Confirms the second factor with a code; other sessions end',
  access: ROLES,
  body: z.strictObject({ code }),
  bodyBytes: 1024,
  answers: { 200: z.strictObject({ confirmed: z.literal(true) }) },
  codes: ['SESSION_NEEDED', 'SIGN_IN_WRONG', 'SIGN_IN_WAIT'],
});

export const removeSecondFactor = defineOperation({
  method: 'post',
  path: '/v1/session/second-factor/removal',
  summary: 'Takes the second factor away, against the password and a code; other sessions end',
  access: ROLES,
  body: z.strictObject({ password, code }),
  bodyBytes: 4096,
  answers: { 200: z.strictObject({ removed: z.literal(true) }) },
  codes: ['SESSION_NEEDED', 'FACTOR_NONE', 'SIGN_IN_WRONG', 'SIGN_IN_WAIT', 'SIGN_IN_BUSY'],
});

export const grantToken = defineOperation({
  method: 'post',
  path: '/v1/token',
  summary:
    'An access token for a machine client, against an assertion signed with its key (RFC 7523)',
  access: 'open',
  form: true,
  body: z.strictObject({
    grant_type: z.literal('client_credentials'),
    client_assertion_type: z.literal('urn:ietf:params:oauth:client-assertion-type:jwt-bearer'),
    client_assertion: z.string().max(8192),
    client_id: z.string().max(64).optional(),
  }),
  bodyBytes: 16_384,
  answers: {
    200: z.strictObject({
      access_token: z.string(),
      token_type: z.literal('Bearer'),
      expires_in: z.int(),
    }),
  },
  codes: ['ASSERTION_INVALID', 'ASSERTION_AUDIENCE', 'ASSERTION_EXPIRED', 'ASSERTION_REPLAYED'],
});
