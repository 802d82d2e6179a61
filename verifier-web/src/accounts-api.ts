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
export type AccountRole = (typeof ACCOUNT_ROLES)[number];

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
const offerShape = json.record({ secret: json.text, uri: json.text });
const doneShape = json.record({});

export type ListedAccount = json.Read<typeof accountShape>;
export type Scope = json.Read<typeof scope>;
export type Invited = json.Read<typeof invitedShape>;
export type OwnSession = json.Read<typeof sessionShape>;
export type FactorOffer = json.Read<typeof offerShape>;
/** An account to be made. */
export interface NewAccount {
  readonly name: string;
  readonly roles: readonly AccountRole[];
  readonly scope: Scope;
}

/** For administrators. Every call throws GatewayProblem or PageError; `key` makes a repetition harmless. */
export const accountsApi = {
  list: () => call({ path: 'accounts', role }, listShape),
  create: (order: NewAccount, key: string) =>
    call({ path: 'accounts', role, body: order, key }, invitedShape),
  setState: (id: string, state: 'active' | 'disabled', key: string) =>
    call({ path: `accounts/${id}/changes`, role, body: { state }, key }, accountShape),
  recover: (id: string, key: string) =>
    call({ path: `accounts/${id}/recovery`, role, body: {}, key }, invitedShape),
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
