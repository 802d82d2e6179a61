// SPDX-License-Identifier: Apache-2.0
// Nobody hands out more than he has: an administrator of some divisions and types makes, changes and recovers accounts
// and clients within those only. Otherwise the recovery of a wider account would be a way up.
import type { GatewayContext } from '../context.ts';
import { denialAct } from '../middleware/call.ts';
import type { Call } from '../middleware/call.ts';
import { gatewayError } from '../problem-codes.ts';
import { isNarrower } from './principal.ts';
import type { Principal, Scope } from './principal.ts';

/** Lets pass scopes within that of who calls; unknown ones are the operation's to refuse. @throws SCOPE_DENIED */
export async function requireGrant(
  { trace }: Pick<GatewayContext, 'trace'>,
  principal: Principal | undefined,
  scopes: readonly (Scope | undefined)[],
  call: Call,
): Promise<void> {
  if (principal === undefined) return;
  const { actor, scope: own } = principal;
  if (scopes.every((scope) => scope === undefined || isNarrower(scope, own))) return;
  await trace.append(denialAct(call, { actor, outcome: 'SCOPE_DENIED' }));
  throw gatewayError('SCOPE_DENIED', 'this is more than the scope of the account');
}
