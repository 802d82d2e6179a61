// SPDX-License-Identifier: Apache-2.0
// One row of an import file as every reader gives it, whatever the format.

/** Why a row has no fields. */
export const ROW_REASONS = ['columns', 'quotes', 'not-json', 'too-long'] as const;
export type RowReason = (typeof ROW_REASONS)[number];

/** A cell whose value a spreadsheet changed, or may have. */
export interface CellFault {
  readonly slot: string;
  readonly reason: 'number-format';
}

/** One row: its fields, or why it has none. */
export interface ImportRow {
  readonly line: number;
  readonly fields?: Readonly<Record<string, string>>;
  readonly reason?: RowReason;
  readonly faults?: readonly CellFault[];
}

/** Characters of a row at most: a portrait in base64 fits. */
export const MAX_ROW_CHARACTERS = 256 * 1024;
