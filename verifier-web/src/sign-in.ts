// SPDX-License-Identifier: Apache-2.0
// Which role a token has: the gateway says it.
import { call } from './http.ts';
import * as json from './json.ts';
import { keepToken, ROLES } from './session.ts';
import type { Role } from './session.ts';

const sessionShape = json.record({ role: json.oneOf(...ROLES) });

/**
 * Asks for the role of a token and keeps it.
 * @throws GatewayProblem TOKEN_INVALID; PageError GATEWAY_UNREACHABLE, GATEWAY_ANSWER
 */
export async function signIn(token: string): Promise<Role> {
  const { role } = await call({ path: 'session', token }, sessionShape);
  keepToken(role, token);
  return role;
}
