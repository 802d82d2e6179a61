// SPDX-License-Identifier: Apache-2.0
// The answer of `TrustBundle`: everything a verifier must know of the consortium (docs/ledger.md §7).
import type { CborValue } from '../cbor.ts';
import { bytes, list, optional, record } from '../shape.ts';
import type { Shaped } from '../shape.ts';
import { authority } from './authority.ts';
import { hash, nonce, time, version } from './fields.ts';
import { authorityKey } from './key.ts';
import { licenceType } from './licence-type.ts';
import { organisation } from './organisation.ts';
import { actPolicy } from './policy.ts';
import { rule } from './rule.ts';

const trustBundle = record({
  networkId: hash,
  definition: bytes(),
  organisations: list(organisation),
  authorities: list(authority),
  keys: list(authorityKey),
  types: list(licenceType),
  policies: list(actPolicy),
  rules: list(rule),
  version,
  at: time,
  nonce: optional(nonce),
});

/** Records in the order of their keys; `version` is the sum of all `rev`, the founding's too. */
export type TrustBundle = Shaped<typeof trustBundle>;

/** @throws SHAPE_INVALID */
export function parseTrustBundle(value: CborValue): TrustBundle {
  return trustBundle(value, 'bundle');
}
