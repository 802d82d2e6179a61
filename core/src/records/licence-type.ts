// SPDX-License-Identifier: Apache-2.0
// A version of a licence type, accepted by vote, and the number it goes by on the wire (docs/ledger.md §2).
// The definition is kept as it came: a reader that does not know a later form answers for that type only.
import type { CborValue } from '../cbor.ts';
import { anything, record } from '../shape.ts';
import type { Shaped } from '../shape.ts';
import { stamp, typeCode } from './fields.ts';

export const licenceTypeBody = record({ definition: anything });
export const licenceType = record({ definition: anything, ...stamp });
const typeNumber = record({ code: typeCode, ...stamp });

/** What a proposal about a licence type says. */
export type LicenceTypeBody = Shaped<typeof licenceTypeBody>;
/** Record `type/<code>/<version>`; `parseTypeDefinition` reads its definition. */
export type LicenceType = Shaped<typeof licenceType>;
/** Record `typeno/<number>`. */
export type TypeNumber = Shaped<typeof typeNumber>;

/** @throws SHAPE_INVALID */
export function parseLicenceType(value: CborValue): LicenceType {
  return licenceType(value, 'type');
}

/** @throws SHAPE_INVALID */
export function parseTypeNumber(value: CborValue): TypeNumber {
  return typeNumber(value, 'type number');
}
