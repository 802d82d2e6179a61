// SPDX-License-Identifier: Apache-2.0
// Brings a founded network to what its consortium file says, by proposals and votes of its organisations alone.
// What already stands is left as it is, so that every start may run this.
import { randomBytes } from 'node:crypto';
import { fromUtf8 } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import type { CborInput, CborValue } from '@zhenglian/core/cbor';
import { parseTrustBundle } from '@zhenglian/core/records/trust-bundle';
import type { TrustBundle } from '@zhenglian/core/records/trust-bundle';
import type { ProposalKind } from '@zhenglian/core/records/proposal';
import { isCodedError } from '@zhenglian/core/errors';
import { asCbor } from '@zhenglian/core/shape';
import { typesOf } from '@zhenglian/core/trust';
import { BUSINESS } from '@zhenglian/core/types/business';
import { DRIVING } from '@zhenglian/core/types/driving';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { RESIDENT_ID } from '@zhenglian/core/types/resident-id';
import type { Committed, Ledger } from '@zhenglian/network/ledger';
import type { ConsortiumFile } from './consortium.ts';

/** Nothing of such a transaction is in the state. */
const CONFLICTS = ['MVCC_CONFLICT', 'PHANTOM_CONFLICT'] as const;
const TRIES = 5;

/** The types every network starts with; more come by vote. */
export const FOUNDING_TYPES: readonly TypeDefinition[] = [RESIDENT_ID, BUSINESS, DRIVING];

/** Proposes and votes in what is missing. `voters`: enough organisations for the threshold, the first one proposes. */
export async function accredit(
  file: ConsortiumFile,
  types: readonly TypeDefinition[],
  voters: readonly Ledger[],
): Promise<void> {
  const [first] = voters;
  if (first === undefined) throw new TypeError('nobody votes');
  const bundle = await readBundle(first);
  const known = typesOf(bundle);
  for (const type of types) {
    if (known.some((t) => t.code === type.code)) continue;
    await enact(voters, 'type', { definition: asCbor(type) });
  }
  for (const act of file.acts) {
    if (!bundle.policies.some((p) => p.act === act.act)) await enact(voters, 'policy', act);
  }
  for (const authority of file.authorities) {
    if (bundle.authorities.some((a) => a.uscc === authority.uscc)) continue;
    await enact(voters, 'authority', { ...authority, status: 'accredited' });
  }
}

/** Opens a proposal, lets every voter approve, and enacts it. */
export async function enact(
  voters: readonly Ledger[],
  kind: ProposalKind,
  body: CborInput,
): Promise<void> {
  const [first] = voters;
  if (first === undefined) throw new TypeError('nobody votes');
  const nonce = Uint8Array.from(randomBytes(16));
  const { result } = await submit(first, 'Propose', { kind, body, nonce });
  const id = idOf(result);
  for (const voter of voters) await submit(voter, 'Vote', { id, approve: true });
  await submit(first, 'Enact', { id });
}

/** The trust bundle as one peer tells it. */
export async function readBundle(ledger: Ledger): Promise<TrustBundle> {
  const request = encodeCbor({});
  return parseTrustBundle(
    decodeCbor(await ledger.evaluate({ chaincode: 'zl', name: 'TrustBundle', request })),
  );
}

/** Organisations follow each other within a block's time: what peers that lagged had endorsed is a conflict at the commit, and is made afresh. */
async function submit(ledger: Ledger, name: string, request: CborInput): Promise<Committed> {
  for (let tries = 1; ; tries++) {
    try {
      return await ledger.submit({ chaincode: 'zl', name, request: encodeCbor(request) });
    } catch (error) {
      if (tries >= TRIES || !CONFLICTS.some((code) => isCodedError(error, code))) throw error;
    }
  }
}

function idOf(result: Uint8Array): string {
  const value: CborValue = decodeCbor(result);
  return typeof value === 'string' ? value : fromUtf8(result);
}
