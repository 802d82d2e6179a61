// SPDX-License-Identifier: Apache-2.0
// The annotated hex of a wire, for the page of the format.
import { toHex } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import { formatDay } from '@zhenglian/core/days';
import { openPresentation } from '@zhenglian/core/presentation';
import { DRIVING } from '@zhenglian/core/types/driving';
import { formatSlotValue } from '@zhenglian/core/types/slot-value';
import type { Wire } from '@zhenglian/core/wire';

const WIDTH = 48;

/** Lines of hex with what they mean, for a driving licence without holder. */
export function annotateWire(wire: Wire): readonly string[] {
  const { fields } = openPresentation(wire, DRIVING);
  const rows: readonly (readonly [string, string])[] = [
    ['8a', 'array of 10'],
    [toHex(encodeCbor(wire.typeNumber)), 'type number: driving'],
    [toHex(encodeCbor(wire.typeVersion)), 'type version'],
    [`5848${toHex(wire.signature)}${toHex(wire.kid)}`, 'signature (64), kid (8)'],
    [toHex(encodeCbor(wire.epoch)), 'epoch'],
    [toHex(encodeCbor(wire.index)), `index ${String(wire.index)}`],
    [toHex(encodeCbor(wire.firstDay)), `first day ${formatDay(wire.firstDay)}`],
    [toHex(encodeCbor(wire.lastDay)), `last day ${formatDay(wire.lastDay)}`],
    [toHex(encodeCbor(wire.mask)), `mask ${wire.mask.toString(2)}: the last eight leaves`],
    [
      toHex(encodeCbor(wire.proof)),
      'proof: hash of the closed left half (32), seed of the open right half (16)',
    ],
    ['88', 'values of the eight open slots'],
    ...fields.map(
      ({ slot, value }) =>
        [toHex(encodeCbor(value)), `${slot.name} ${formatSlotValue(slot, value)}`] as const,
    ),
  ];
  return rows.flatMap(([hex, meaning]) => {
    const lines = hex.match(new RegExp(`.{1,${String(WIDTH)}}`, 'g')) ?? [''];
    return lines.map((line, i) => (i === 0 ? `${line.padEnd(WIDTH + 2)}${meaning}` : line));
  });
}
