// SPDX-License-Identifier: Apache-2.0
// An epoch: 65,536 status indexes of an authority, leased to one gateway instance (docs/ledger.md §4).
import type { CborValue } from '../cbor.ts';
import { record } from '../shape.ts';
import type { Shaped } from '../shape.ts';
import { epochNumber, instance, stamp, uscc } from './fields.ts';

const epoch = record({ uscc, epoch: epochNumber, instance, ...stamp });

/** Record `epoch/<uscc>/<epoch>`. */
export type Epoch = Shaped<typeof epoch>;

/** @throws SHAPE_INVALID */
export function parseEpoch(value: CborValue): Epoch {
  return epoch(value, 'epoch');
}
