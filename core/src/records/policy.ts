// SPDX-License-Identifier: Apache-2.0
// What an act demands of evidence (docs/ledger.md §2).
import type { CborValue } from '../cbor.ts';
import { integer, oneOf, record } from '../shape.ts';
import type { Shaped } from '../shape.ts';
import { act, label, stamp } from './fields.ts';

const age = integer(0, 10 * 366 * 86_400);
const content = {
  act,
  label,
  maxBundleAge: age,
  maxStatusAge: age,
  leastHolder: oneOf('document', 'recent', 'challenged'),
  leastAnchor: oneOf('pending', 'covered', 'proven'),
};
export const actPolicyBody = record(content);
export const actPolicy = record({ ...content, ...stamp });

/** What a proposal about an act's policy says. */
export type ActPolicyBody = Shaped<typeof actPolicyBody>;
/** Record `policy/<act>`. */
export type ActPolicy = Shaped<typeof actPolicy>;

/** @throws SHAPE_INVALID */
export function parseActPolicy(value: CborValue): ActPolicy {
  return actPolicy(value, 'policy');
}
