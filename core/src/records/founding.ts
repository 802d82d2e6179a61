// SPDX-License-Identifier: Apache-2.0
// The founding record: what all founders signed (docs/ledger.md §3). Its SM3 is the network id.
import { sm3 } from '@zhenglian/guomi';
import type { CborValue } from '../cbor.ts';
import { bool, bytes, integer, list, optional, record, text } from '../shape.ts';
import type { Shaped } from '../shape.ts';
import { certificate, hash, label, msp, stamp } from './fields.ts';
import { organisationKind, prefix } from './organisation.ts';

const founder = record({
  msp,
  kind: organisationKind,
  prefix: optional(prefix),
  name: label,
  rootCertificate: certificate,
  administrator: certificate,
});
const foundingDefinition = record({
  channel: text(64, /^[a-z][a-z0-9.-]{0,63}$/),
  k: integer(2, 64),
  threshold: fraction,
  testIdentities: bool,
  organisations: list(founder, 64),
});
const founding = record({ definition: bytes(), networkId: hash, ...stamp });

/** An organisation as the founding names it, with the administrator who signs. */
export type Founder = Shaped<typeof founder>;
/** What the founders agree on. */
export type FoundingDefinition = Shaped<typeof foundingDefinition>;
/** Record `net`. */
export type Founding = Shaped<typeof founding>;

/** @throws SHAPE_INVALID */
export function parseFounding(value: CborValue): Founding {
  return founding(value, 'founding');
}

/** @throws SHAPE_INVALID */
export function parseFoundingDefinition(value: CborValue): FoundingDefinition {
  return foundingDefinition(value, 'definition');
}

/** Network id: the fingerprint people compare on paper. */
export function networkIdOf(definition: Uint8Array): Uint8Array {
  return sm3.hash(definition);
}

function fraction(value: CborValue | undefined, path: string): readonly [number, number] {
  const [num, den, ...rest] = list(integer(1, 1000), 2)(value, path);
  return [integer(1, 1000)(num, path), integer(1, 1000)(rest.length > 0 ? undefined : den, path)];
}
