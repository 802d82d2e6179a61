// SPDX-License-Identifier: Apache-2.0
// A QR code as one SVG path, level M; the only place that knows the library.
import { create } from 'qrcode';

/** Modules of a code: `size` a side, `path` draws the dark ones, one unit a module, without a quiet zone. */
export interface QrImage {
  readonly size: number;
  readonly path: string;
}

/** The code of a text. */
export function drawQr(text: string): QrImage {
  const { modules } = create(text, { errorCorrectionLevel: 'M' });
  const { size } = modules;
  const runs: string[] = [];
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (modules.get(y, x) === 0) continue;
      const start = x;
      while (x + 1 < size && modules.get(y, x + 1) !== 0) x++;
      runs.push(`M${start} ${y}h${x - start + 1}v1H${start}z`);
    }
  }
  return { size, path: runs.join('') };
}
