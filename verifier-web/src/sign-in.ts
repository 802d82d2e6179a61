// SPDX-License-Identifier: Apache-2.0
// Which role a token has is found out by asking for something only that role may have.
import { call, GatewayProblem } from './http.ts';
import * as json from './json.ts';
import { keepToken, ROLES } from './session.ts';
import type { Role } from './session.ts';

const PROBES: Readonly<Record<Role, string>> = {
  officer: `imports/${'0'.repeat(32)}`,
  regulator: 'ledger',
  clerk: 'recognitions',
};

/**
 * Finds the role of a token and keeps it.
 * @throws GatewayProblem TOKEN_INVALID, ROLE_DENIED; PageError GATEWAY_UNREACHABLE
 */
export async function signIn(token: string): Promise<Role> {
  for (const role of ROLES) {
    if (await admits(role, token)) {
      keepToken(role, token);
      return role;
    }
  }
  throw new GatewayProblem('ROLE_DENIED', 403, []);
}

async function admits(role: Role, token: string): Promise<boolean> {
  try {
    await call({ path: PROBES[role], token }, json.anything);
    return true;
  } catch (error) {
    if (!(error instanceof GatewayProblem) || error.status === 401) throw error;
    // Not found, not ready: the role was let in and the answer is about something else.
    return error.status !== 403 && error.code !== 'ROUTE_UNKNOWN';
  }
}
