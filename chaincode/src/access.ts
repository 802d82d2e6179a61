// SPDX-License-Identifier: Apache-2.0
// Who may: the caller's organisation and role, as the certificate says them, and as the consortium knows them.
import { decodeCbor } from '@zhenglian/core/cbor';
import { parseFounding, parseFoundingDefinition } from '@zhenglian/core/records/founding';
import type { Founding, FoundingDefinition } from '@zhenglian/core/records/founding';
import { parseOrganisation } from '@zhenglian/core/records/organisation';
import type { Organisation } from '@zhenglian/core/records/organisation';
import { recordKey } from '@zhenglian/core/records/record-key';
import { demand } from './refusal.ts';
import { load, loadExisting } from './state.ts';
import type { State } from './state.ts';

/** Who signed the proposal. The peer has checked the certificate against the organisation's root. */
export interface Caller {
  readonly msp: string;
  /** Organisational units of the certificate: Fabric's roles. */
  readonly units: readonly string[];
}

/** The caller's organisation and what was founded. */
export interface Membership {
  readonly founding: Founding;
  readonly definition: FoundingDefinition;
  readonly organisation: Organisation;
}

/** Clients and administrators may write; peers and orderers may not. @throws ACCESS_DENIED */
export function requireWriter(caller: Caller): void {
  const is = (unit: string) => caller.units.includes(unit);
  demand(
    (is('client') || is('admin')) && !is('peer') && !is('orderer'),
    'ACCESS_DENIED',
    'only a client or an administrator may write',
  );
}

/** What was founded. @throws NOT_FOUNDED */
export async function readFounding(state: State): Promise<Omit<Membership, 'organisation'>> {
  const founding = await loadExisting(state, recordKey.network(), parseFounding, 'NOT_FOUNDED');
  return { founding, definition: parseFoundingDefinition(decodeCbor(founding.definition)) };
}

/** A writer of an admitted organisation. @throws ACCESS_DENIED, NOT_FOUNDED */
export async function requireMember(state: State, caller: Caller): Promise<Membership> {
  requireWriter(caller);
  const founded = await readFounding(state);
  const organisation = await load(state, recordKey.organisation(caller.msp), parseOrganisation);
  demand(organisation !== undefined, 'ACCESS_DENIED', 'not an organisation of this network');
  requireAdmitted(organisation);
  return { ...founded, organisation };
}

/** @throws ACCESS_DENIED for an organisation that was expelled */
export function requireAdmitted(organisation: Organisation): void {
  demand(organisation.status === 'admitted', 'ACCESS_DENIED', 'the organisation was expelled');
}
