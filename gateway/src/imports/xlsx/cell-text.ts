// SPDX-License-Identifier: Apache-2.0
// The text of a cell as people would type it, or undefined where the spreadsheet may have changed it: a number has 15
// digits (ECMA-376 part 1, §18.18.11, IEEE 754), so that the last three of an ID number are lost.
import { formatDay, parseDay } from '@zhenglian/core/days';
import type { NumberKind } from './cell-styles.ts';

/** A cell as it is stored; the value of a formula is the one the spreadsheet computed last. */
export interface Cell {
  /** ECMA-376's ST_CellType. */
  readonly type: string;
  readonly value: string;
  readonly inline: string;
  readonly kind: NumberKind;
}

const MAX_DIGITS = 15;
/** 1899-12-30 and 1904-01-01 in days since 1970. */
const EPOCH_1900 = -25_569;
const EPOCH_1904 = -24_107;
/** 9999-12-31, counted from 1900. */
const LAST_SERIAL = 2_958_465;
/** The 29th of February 1900, which never was. */
const NO_DAY = 60;

/** The cell's text; undefined when it must not be relied on. */
export function cellText(
  { type, value, inline, kind }: Cell,
  strings: readonly string[],
  from1904: boolean,
): string | undefined {
  if (type === 'inlineStr') return inline;
  if (value === '') return '';
  if (type === 'str') return value;
  if (type === 's') return /^\d+$/.test(value) ? strings[Number(value)] : undefined;
  if (type === 'd') return isoDay(value);
  if (type !== 'n') return undefined;
  if (kind === 'day') return serialDay(value, from1904);
  return kind === 'plain' ? plainNumber(value) : undefined;
}

function plainNumber(value: string): string | undefined {
  if (!/^-?\d+(?:\.\d+)?$/.test(value)) return undefined;
  return value.replace(/\D/g, '').length <= MAX_DIGITS ? value : undefined;
}

function serialDay(value: string, from1904: boolean): string | undefined {
  const serial = Number(value);
  if (!Number.isInteger(serial) || serial < 0 || serial > LAST_SERIAL) return undefined;
  if (from1904) return formatDay(EPOCH_1904 + serial);
  if (serial === 0 || serial === NO_DAY) return undefined;
  return formatDay(EPOCH_1900 + serial + (serial < NO_DAY ? 1 : 0));
}

function isoDay(value: string): string | undefined {
  const day = /^(\d{4}-\d{2}-\d{2})(?:T00:00:00(?:\.0+)?Z?)?$/.exec(value)?.[1];
  return day === undefined || parseDay(day) === undefined ? undefined : day;
}
