// SPDX-License-Identifier: Apache-2.0
// Signing in with an account or a token, and out again; the gateway says which roles somebody has.
import { call } from './http.ts';
import * as json from './json.ts';
import { account, forgetToken, keepAccount, keepToken, ROLES } from './session.ts';
import type { Role } from './session.ts';

const tokenShape = json.record({ role: json.oneOf(...ROLES) });
const accountShape = json.record({ name: json.text, roles: json.list(json.text) });
const enteredShape = json.record({
  name: json.optional(json.text),
  actor: json.text,
  roles: json.list(json.text),
});
const endedShape = json.record({});

/** Name, password and, where there is a second factor, its code. */
export interface Credentials {
  readonly name: string;
  readonly password: string;
  readonly code: string;
}

/**
 * Asks for the role of a token and keeps it.
 * @throws GatewayProblem TOKEN_INVALID; PageError GATEWAY_UNREACHABLE, GATEWAY_ANSWER
 */
export async function signInWithToken(token: string): Promise<Role> {
  const { role } = await call({ path: 'session', token }, tokenShape);
  keepToken(role, token);
  return role;
}

/**
 * Signs in by name; gives the roles that have a page here: there may be none but one's own account.
 * @throws GatewayProblem SIGN_IN_WRONG, SIGN_IN_WAIT, SIGN_IN_BUSY; PageError GATEWAY_UNREACHABLE, GATEWAY_ANSWER
 */
export async function signInByName(credentials: Credentials): Promise<readonly Role[]> {
  const { name, password, code } = credentials;
  const body = { name, password, ...(code === '' ? {} : { code }) };
  const session = await call({ path: 'session', body }, accountShape);
  const roles = ROLES.filter((role) => session.roles.includes(role));
  keepAccount({ name: session.name, roles });
  return roles;
}

/** Whoever an identity provider has just sent back with a cookie; as `signInByName`. @throws the same, TOKEN_INVALID */
export async function enterByCookie(): Promise<readonly Role[]> {
  const session = await call({ path: 'session', own: true }, enteredShape);
  const roles = ROLES.filter((role) => session.roles.includes(role));
  keepAccount({ name: session.name ?? session.actor, roles });
  return roles;
}

/** Signs a role out; an account at the gateway too, as soon as it can be reached. Without a role the account alone. */
export async function signOut(role: Role | undefined): Promise<void> {
  if (role !== undefined) forgetToken(role);
  const byName = account.value;
  if (byName === undefined || (role !== undefined && !byName.roles.includes(role))) return;
  await call({ path: 'session/end', own: true, body: {} }, endedShape);
  keepAccount(undefined);
}
