// SPDX-License-Identifier: Apache-2.0
// Refuses what is outside the scope of who calls, and remembers in the trace that it was tried.
import type { GatewayContext } from '../context.ts';
import { denialAct } from '../middleware/call.ts';
import type { Call } from '../middleware/call.ts';
import { gatewayError } from '../problem-codes.ts';
import { isUnlimited, isWithin } from './principal.ts';
import type { Principal } from './principal.ts';
import { resolveTouched } from './touched.ts';
import type { Touched } from './touched.ts';

type Parts = Pick<GatewayContext, 'desk' | 'replica' | 'store' | 'trace'>;

/** Lets pass what is within the scope; open operations have nobody whose scope it could be. @throws SCOPE_DENIED */
export async function requireScope(
  parts: Parts,
  principal: Principal | undefined,
  touched: readonly Touched[],
  call: Call,
): Promise<void> {
  if (principal === undefined || isUnlimited(principal.scope)) return;
  for (const each of touched) {
    const { subject, ...thing } = await resolveTouched(parts, each);
    if (isWithin(principal.scope, thing)) continue;
    const { actor } = principal;
    await parts.trace.append(denialAct(call, { actor, subject, outcome: 'SCOPE_DENIED' }));
    throw gatewayError('SCOPE_DENIED', 'this licence or type is outside the scope of the account');
  }
}
