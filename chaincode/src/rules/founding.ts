// SPDX-License-Identifier: Apache-2.0
// May this network be founded? (docs/ledger.md §3)
import { decodeCbor } from '@zhenglian/core/cbor';
import { provinceOf } from '@zhenglian/core/identifiers/division';
import { toHex } from '@zhenglian/core/bytes';
import { parseFoundingDefinition } from '@zhenglian/core/records/founding';
import type { Founder, FoundingDefinition } from '@zhenglian/core/records/founding';
import type { OrganisationBody } from '@zhenglian/core/records/organisation';
import { parseCertificate, verifyEcdsa, verifyIssued } from '@zhenglian/core/x509';
import { demand, refuseAs } from '../refusal.ts';

/** The definition, checked but for its signatures. @throws FOUNDING_INVALID */
export function decideDefinition(bytes: Uint8Array, channel: string): FoundingDefinition {
  const definition = refuseAs('FOUNDING_INVALID', () => parseFoundingDefinition(decodeCbor(bytes)));
  const { organisations, threshold } = definition;
  const hold = (holds: boolean, message: string) => {
    demand(holds, 'FOUNDING_INVALID', message);
  };
  hold(definition.channel === channel, 'it is for another channel');
  hold(definition.k <= organisations.length, 'more co-signers than organisations');
  hold(isMajority(threshold), 'the threshold is not over one half and at most one');
  hold(organisations.length >= 2, 'two organisations at least');
  hold(
    organisations.some((o) => o.kind === 'province'),
    'there is no province',
  );
  hold(isDistinct(organisations.map((o) => o.msp)), 'an organisation stands twice');
  // Two members under one root would be one party with two votes.
  hold(isDistinct(organisations.map((o) => toHex(o.rootCertificate))), 'a root stands twice');
  organisations.forEach(checkFounder);
  return definition;
}

/** All founders' administrators signed these bytes, and nobody else. @throws SIGNATURE_INVALID */
export function decideSignatures(
  definition: FoundingDefinition,
  bytes: Uint8Array,
  signatures: ReadonlyMap<string, Uint8Array>,
): void {
  demand(
    signatures.size === definition.organisations.length,
    'SIGNATURE_INVALID',
    'not one signature of each organisation',
  );
  for (const { msp, administrator } of definition.organisations) {
    const signature = signatures.get(msp);
    const { publicKey } = parseCertificate(administrator);
    demand(
      signature !== undefined && verifyEcdsa(publicKey, bytes, signature),
      'SIGNATURE_INVALID',
      `the administrator of ${msp} has not signed`,
    );
  }
}

/** The record's content of an organisation that was founded with. */
export function foundedOrganisation(founder: Founder): OrganisationBody {
  const { msp, kind, prefix, name, rootCertificate } = founder;
  const content = { msp, kind, name, rootCertificate, status: 'admitted' } as const;
  return prefix === undefined ? content : { ...content, prefix };
}

/** A province is called P and its GB/T 2260 prefix, so there is one a prefix; a regulator has none. */
export function isNamedByKind(o: Pick<OrganisationBody, 'kind' | 'msp' | 'prefix'>): boolean {
  if (o.kind === 'regulator') return o.prefix === undefined && !/^P\d\d$/.test(o.msp);
  return o.prefix !== undefined && provinceOf(o.prefix) !== undefined && o.msp === `P${o.prefix}`;
}

function checkFounder(founder: Founder): void {
  const hold = (holds: boolean, message: string) => {
    demand(holds, 'FOUNDING_INVALID', `${founder.msp}: ${message}`);
  };
  hold(isNamedByKind(founder), 'name, kind and prefix do not fit together');
  hold(
    verifyIssued(founder.administrator, founder.rootCertificate),
    'the administrator is not of this root',
  );
  const { organisationalUnits } = parseCertificate(founder.administrator).subject;
  hold(organisationalUnits.includes('admin'), 'the signer is not an administrator');
}

function isMajority([num, den]: readonly [number, number]): boolean {
  return 2 * num > den && num <= den;
}

function isDistinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}
