// SPDX-License-Identifier: Apache-2.0
// May a version of a licence type be as proposed? One code a number, for ever; versions follow one another.
import type {
  LicenceType,
  LicenceTypeBody,
  TypeNumber,
} from '@zhenglian/core/records/licence-type';
import { parseTypeDefinition } from '@zhenglian/core/types/definition';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { demand, refuseAs } from '../refusal.ts';

/** What stands when a type is voted on. */
export interface TypeGround {
  /** The record of this code and version. */
  readonly existing: LicenceType | undefined;
  /** The record of this code and the version before. */
  readonly previous: LicenceType | undefined;
  /** Who has the number. */
  readonly number: TypeNumber | undefined;
}

/** The definition of a proposed type. @throws PROPOSAL_INVALID */
export function readDefinition(body: LicenceTypeBody): TypeDefinition {
  return refuseAs('PROPOSAL_INVALID', () => parseTypeDefinition(body.definition));
}

/** A type as proposed. @throws EXISTS, PROPOSAL_INVALID */
export function decideLicenceType(definition: TypeDefinition, ground: TypeGround): void {
  const { code, version } = definition;
  demand(ground.existing === undefined, 'EXISTS', `${code} has a version ${String(version)}`);
  if (version === 1) {
    demand(ground.number === undefined, 'PROPOSAL_INVALID', 'the number is taken');
    return;
  }
  demand(ground.previous !== undefined, 'PROPOSAL_INVALID', 'versions follow one another');
  demand(ground.number?.code === code, 'PROPOSAL_INVALID', 'a type keeps its number');
}
