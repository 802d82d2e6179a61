// SPDX-License-Identifier: Apache-2.0
// QR codes (ISO/IEC 18004): level M, alphanumeric, a margin of four modules; as PNG, SVG, or half blocks in a terminal.
import { create, toBuffer, toString } from 'qrcode';

const OPTIONS = { errorCorrectionLevel: 'M', margin: 4 } as const;
const MARGIN = OPTIONS.margin;
const PIXELS_A_MODULE = 8;
/** Black on white whatever the terminal's own colours are. */
const BLACK_ON_WHITE = '\u001B[30;107m';
const RESET = '\u001B[0m';

const segments = (text: string) => [{ data: text, mode: 'alphanumeric' as const }];

/** A PNG picture. */
export async function drawPng(text: string): Promise<Uint8Array> {
  return toBuffer(segments(text), { ...OPTIONS, type: 'png', scale: PIXELS_A_MODULE });
}

/** An SVG picture. */
export function drawSvg(text: string): Promise<string> {
  return toString(segments(text), { ...OPTIONS, type: 'svg' });
}

/** Two rows of modules a line. Without colours the light modules are drawn, for a dark screen. */
export function drawTerminal(text: string, colours: boolean): string {
  const { modules } = create(segments(text), OPTIONS);
  const isDark = (x: number, y: number) => {
    const inside = x >= 0 && y >= 0 && x < modules.size && y < modules.size;
    return inside && modules.get(y, x) === 1;
  };
  const across = modules.size + 2 * MARGIN;
  const blocks = colours ? ' ▄▀█' : '█▀▄ ';
  const lines = Array.from({ length: Math.ceil(across / 2) }, (_, row) => {
    const y = 2 * row - MARGIN;
    const cells = Array.from({ length: across }, (_, column) => {
      const x = column - MARGIN;
      return blocks.charAt((isDark(x, y) ? 2 : 0) + (isDark(x, y + 1) ? 1 : 0));
    }).join('');
    return colours ? `${BLACK_ON_WHITE}${cells}${RESET}` : cells;
  });
  return `${lines.join('\n')}\n`;
}
