// SPDX-License-Identifier: Apache-2.0
// Calls about accounts (docs/api.md §6a): what administrators do with all, and people with their own.
import { call } from './http.ts';
import * as json from './json.ts';

const role = 'administrator';
/** Roles that accounts have, as administrators give them. */
export const ACCOUNT_ROLES = [
  'officer',
  'approver',
  'clerk',
  'regulator',
  'administrator',
] as const;
/** Roles that systems have. */
export const CLIENT_ROLES = ['machine', 'officer', 'approver', 'clerk', 'regulator'] as const;

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{1,31}$/u;

/** Tells whether an account or a system may have this name. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

const limit: json.Reader<'all' | readonly string[]> = (value, path) =>
  value === 'all' ? 'all' : json.list(json.text)(value, path);
const scope = json.record({ divisions: limit, types: limit });
const accountShape = json.record({
  id: json.text,
  name: json.text,
  roles: json.list(json.text),
  scope,
  state: json.oneOf('invited', 'active', 'disabled'),
  secondFactor: json.bool,
  createdAt: json.number,
  signedInAt: json.optional(json.number),
});
const listShape = json.record({ accounts: json.list(accountShape) });
const invitedShape = json.record({
  id: json.text,
  name: json.text,
  invitation: json.text,
  expiresAt: json.number,
});
const sessionShape = json.record({
  /** Of an account of this gateway; somebody an identity provider vouches for has none. */
  name: json.optional(json.text),
  roles: json.list(json.text),
  scope,
  secondFactor: json.optional(json.bool),
});
const clientShape = json.record({
  id: json.text,
  name: json.text,
  roles: json.list(json.text),
  scope,
  state: json.oneOf('active', 'disabled'),
  createdAt: json.number,
});
const clientsShape = json.record({ clients: json.list(clientShape), audience: json.text });
const registeredShape = json.record({ client: clientShape, audience: json.text });
const offerShape = json.record({ secret: json.text, uri: json.text });
const doneShape = json.record({});

export type ListedAccount = json.Read<typeof accountShape>;
export type Client = json.Read<typeof clientShape>;
/** A system just registered, and the audience of its assertions. */
export type Registered = json.Read<typeof registeredShape>;
export type Scope = json.Read<typeof scope>;
export type Invited = json.Read<typeof invitedShape>;
export type OwnSession = json.Read<typeof sessionShape>;
export type FactorOffer = json.Read<typeof offerShape>;
/** What somebody may do, and how far. */
export interface Grant {
  readonly roles: readonly string[];
  readonly scope: Scope;
}
/** An account to be made. */
export interface NewAccount extends Grant {
  readonly name: string;
}
/** A system to be registered; its keys as JSON Web Keys (RFC 7517), public ones. */
export interface NewClient extends NewAccount {
  readonly keys: readonly unknown[];
}

/** For administrators. Every call throws GatewayProblem or PageError; `key` makes a repetition harmless. */
export const accountsApi = {
  list: () => call({ path: 'accounts', role }, listShape),
  create: (order: NewAccount, key: string) =>
    call({ path: 'accounts', role, body: order, key }, invitedShape),
  change: (id: string, change: Grant | { state: 'active' | 'disabled' }, key: string) =>
    call({ path: `accounts/${id}/changes`, role, body: change, key }, accountShape),
  recover: (id: string, key: string) =>
    call({ path: `accounts/${id}/recovery`, role, body: {}, key }, invitedShape),
};

/** Systems of an office, for administrators. */
export const clientsApi = {
  list: () => call({ path: 'clients', role }, clientsShape),
  register: (order: NewClient, key: string) =>
    call({ path: 'clients', role, body: order, key }, registeredShape),
  disable: (id: string, key: string) =>
    call({ path: `clients/${id}/disabling`, role, body: {}, key }, clientShape),
};

/** For who has an invitation, and for who is signed in by name. */
export const ownAccountApi = {
  activate: (name: string, invitation: string, password: string) =>
    call({ path: 'accounts/activation', body: { name, invitation, password } }, doneShape),
  session: () => call({ path: 'session', own: true }, sessionShape),
  setPassword: (current: string, password: string) =>
    call({ path: 'session/password', own: true, body: { current, password } }, doneShape),
  offerFactor: () => call({ path: 'session/second-factor', own: true, body: {} }, offerShape),
  confirmFactor: (code: string) =>
    call({ path: 'session/second-factor/confirmation', own: true, body: { code } }, doneShape),
  removeFactor: (password: string, code: string) =>
    call({ path: 'session/second-factor/removal', own: true, body: { password, code } }, doneShape),
};
