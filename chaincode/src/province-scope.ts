// SPDX-License-Identifier: Apache-2.0
// Whose chaincode this is, and what the consortium says of its owner, read anew in every transaction, so
// that a burn or a withdrawal in flight invalidates it (docs/ledger.md §4).
import { fromBase64 } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import type { Authority } from '@zhenglian/core/records/authority';
import type { AuthorityKey } from '@zhenglian/core/records/key';
import { parseKeyScope } from '@zhenglian/core/records/key-scope';
import type { KeyScope } from '@zhenglian/core/records/key-scope';
import { provinceChaincode } from '@zhenglian/core/records/record-key';
import { requireAdmitted, requireWriter } from './access.ts';
import type { Call } from './call.ts';
import { demand } from './refusal.ts';

/** What an authority of the caller may do, and on which network. */
export interface AuthorityScope extends KeyScope {
  readonly authority: Authority;
}
/** The same, with the key that signs. */
export interface SigningScope extends AuthorityScope {
  readonly key: AuthorityKey;
}

/** Only writers of the organisation whose chaincode was called. @throws ACCESS_DENIED */
export function requireOwner({ caller, chaincode }: Call): void {
  requireWriter(caller);
  demand(
    chaincode() === provinceChaincode(caller.msp),
    'ACCESS_DENIED',
    'the chaincode is of another organisation',
  );
}

/** The caller's organisation. @throws ACCESS_DENIED, NOT_FOUND, NOT_FOUNDED */
export async function readOrganisationScope(call: Call): Promise<KeyScope> {
  const scope = await askScope(call, { msp: call.caller.msp });
  requireAdmitted(scope.organisation);
  return scope;
}

/** An authority of the caller. @throws ACCESS_DENIED, NOT_FOUND, NOT_FOUNDED */
export async function readAuthorityScope(call: Call, uscc: string): Promise<AuthorityScope> {
  return ownAuthority(call, await askScope(call, { msp: call.caller.msp, uscc }));
}

/** An authority of the caller and a key. @throws ACCESS_DENIED, NOT_FOUND, NOT_FOUNDED */
export async function readSigningScope(
  call: Call,
  uscc: string,
  kid: Uint8Array,
): Promise<SigningScope> {
  const scope = ownAuthority(call, await askScope(call, { msp: call.caller.msp, uscc, kid }));
  const { key } = scope;
  demand(key !== undefined, 'NOT_FOUND', 'there is no such key');
  return { ...scope, key };
}

/** What the consortium says, for a question. @throws NOT_FOUND, NOT_FOUNDED */
export async function askScope(
  call: Call,
  request: { readonly msp: string; readonly uscc?: string; readonly kid?: Uint8Array },
): Promise<KeyScope> {
  const text = await call.ask('zl', 'KeyScope', encodeCbor(request));
  return parseKeyScope(decodeCbor(fromBase64(text)));
}

function ownAuthority({ caller }: Call, scope: KeyScope): AuthorityScope {
  const { organisation, authority } = scope;
  requireAdmitted(organisation);
  demand(
    authority !== undefined && authority.msp === caller.msp,
    'ACCESS_DENIED',
    'the authority is of another organisation',
  );
  return { ...scope, authority };
}
