// SPDX-License-Identifier: Apache-2.0
// Figures of two engines as rows of one table.
import type { BenchRow, Must } from '../main.ts';

/** Figures of one engine by name, their units, and what is asked of Fabric's. */
export type Figures = Map<string, readonly [value: number, unit: string, must?: Must]>;

/** The figure that anchoring is held against. */
export const ONE_A_TRANSACTION = 'one licence a transaction';

/** Rows of Fabric's figures, the embedded engine's beside them; anchoring beside one licence a transaction too. */
export function sideBySide(fabric: Figures, embedded: Figures): BenchRow[] {
  const plain = fabric.get(ONE_A_TRANSACTION)?.[0];
  return [...fabric].map(([figure, [value, unit, must]]) => {
    const other = embedded.get(figure)?.[0];
    const beside = figure.startsWith('anchored') ? plain : undefined;
    return {
      figure,
      unit,
      value: round(value),
      peers: peersOf(other, beside),
      ratio: beside === undefined ? null : round(value / beside),
      ...(must && { must }),
    };
  });
}

function peersOf(embedded: number | undefined, plain: number | undefined) {
  return {
    ...(embedded !== undefined && { embedded: round(embedded) }),
    ...(plain !== undefined && { 'one a transaction': round(plain) }),
  };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
