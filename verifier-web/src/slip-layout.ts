// SPDX-License-Identifier: Apache-2.0
// The printed card: ISO/IEC 7810 ID-1, the code at 0.5 mm a module with its quiet zone, what it is, and its number.
// All measures in millimetres.
import { drawQr } from './qr-image.ts';

export const CARD = { width: 85.6, height: 53.98 } as const;
const MODULE = 0.5;
const QUIET = 4;
const MARGIN = 4;
const LEAST_COLUMN = 28;
export const BAND = 1.6;

/** Where everything stands; font sizes are heights of the em. */
export interface SlipLayout {
  readonly qr: {
    readonly x: number;
    readonly y: number;
    readonly scale: number;
    readonly path: string;
  };
  readonly column: number;
  /** The band on top: as wide as the code's quiet zone allows. */
  readonly band: number;
  readonly title: number;
  readonly subtitle: number;
  readonly numberSize: number;
  readonly numberLines: readonly string[];
}

/** The layout, or undefined when the code is too large for a card. */
export function layOutSlip(slip: {
  readonly text: string;
  readonly number: string;
  readonly title: string;
  readonly subtitle: string;
}): SlipLayout | undefined {
  const { size, path } = drawQr(slip.text);
  const side = (size + 2 * QUIET) * MODULE;
  const column = CARD.width - side - MARGIN - 0.5;
  if (column < LEAST_COLUMN || side > CARD.height) return undefined;
  const lines = splitNumber(slip.number);
  const longest = Math.max(...lines.map((line) => line.length), 1);
  return {
    qr: {
      x: CARD.width - side + QUIET * MODULE,
      y: (CARD.height - size * MODULE) / 2,
      scale: MODULE,
      path,
    },
    column,
    band: (CARD.height - side) / 2 > BAND ? CARD.width : CARD.width - side,
    title: Math.min(5.6, column / Math.max([...slip.title].length, 1)),
    subtitle: Math.min(2.7, column / Math.max(0.56 * slip.subtitle.length, 1)),
    numberSize: Math.min(2.7, column / (0.61 * longest)),
    numberLines: lines,
  };
}

/** A licence number at its dots: root, type, issuer, serial, version and check. */
function splitNumber(number: string): readonly string[] {
  const parts = number.split('.');
  if (parts.length < 10) return number.match(/.{1,20}/g) ?? [];
  const [root, [type = '', issuer = '', serial = '', ...rest]] = [
    parts.slice(0, 5),
    parts.slice(5),
  ];
  return [`${root.join('.')}.`, `${type}.`, `${issuer}.`, `${serial}.`, rest.join('.')];
}
