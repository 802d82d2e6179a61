// SPDX-License-Identifier: Apache-2.0
// The answer of `KeyScope`: what a province's own chaincode reads of the consortium's in each transaction (docs/ledger.md §7).
import type { CborValue } from '../cbor.ts';
import { bool, optional, record } from '../shape.ts';
import type { Shaped } from '../shape.ts';
import { authority } from './authority.ts';
import { hash } from './fields.ts';
import { authorityKey } from './key.ts';
import { organisation } from './organisation.ts';

const keyScope = record({
  networkId: hash,
  testIdentities: bool,
  organisation,
  authority: optional(authority),
  key: optional(authorityKey),
});

/** `authority` and `key` are there when they were asked for. */
export type KeyScope = Shaped<typeof keyScope>;

/** @throws SHAPE_INVALID */
export function parseKeyScope(value: CborValue): KeyScope {
  return keyScope(value, 'scope');
}
