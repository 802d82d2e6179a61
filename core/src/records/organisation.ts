// SPDX-License-Identifier: Apache-2.0
// A member of the consortium: a province or a regulator (docs/ledger.md §2).
import type { CborValue } from '../cbor.ts';
import { oneOf, optional, record, text } from '../shape.ts';
import type { Shaped } from '../shape.ts';
import { certificate, label, msp, stamp } from './fields.ts';

export const organisationKind = oneOf('province', 'regulator');
/** GB/T 2260, the two digits of a province. */
export const prefix = text(2, /^\d{2}$/);

const content = {
  msp,
  kind: organisationKind,
  prefix: optional(prefix),
  name: label,
  rootCertificate: certificate,
  status: oneOf('admitted', 'expelled'),
};
export const organisationBody = record(content);
export const organisation = record({ ...content, ...stamp });

/** What a proposal about an organisation says. */
export type OrganisationBody = Shaped<typeof organisationBody>;
/** Record `org/<msp>`. */
export type Organisation = Shaped<typeof organisation>;

/** @throws SHAPE_INVALID */
export function parseOrganisation(value: CborValue): Organisation {
  return organisation(value, 'organisation');
}
