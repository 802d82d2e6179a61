// SPDX-License-Identifier: Apache-2.0
// Pictures of QR codes as a camera would give them: a video in Y4M for Chromium's fake camera, a PNG for the file input.
import { writeFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { create } from 'qrcode';

const WIDTH = 1280;
const HEIGHT = 720;
const FRAMES = 4;

/** Writes a video that shows the code, slightly grey and off the middle, as held in a hand. */
export function writeQrVideo(path: string, text: string): void {
  const luma = new Uint8Array(WIDTH * HEIGHT).fill(150);
  const { size, dark } = modulesOf(text);
  const module = Math.floor((HEIGHT * 0.86) / (size + 8));
  const side = module * (size + 8);
  const [left, top] = [Math.floor((WIDTH - side) / 2) + 17, Math.floor((HEIGHT - side) / 2) - 9];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const on = dark(Math.floor(x / module) - 4, Math.floor(y / module) - 4);
      luma[(top + y) * WIDTH + left + x] = on ? 38 : 226;
    }
  }
  const chroma = new Uint8Array((WIDTH * HEIGHT) / 2).fill(128);
  const head = `YUV4MPEG2 W${String(WIDTH)} H${String(HEIGHT)} F15:1 Ip A1:1 C420jpeg\n`;
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, chroma]);
  writeFileSync(path, Buffer.concat([Buffer.from(head), ...Array<Buffer>(FRAMES).fill(frame)]));
}

/** A PNG of the code, or of nothing when there is no text. */
export function qrPng(text: string | undefined, module = 6): Buffer {
  const { size, dark } = text === undefined ? { size: 21, dark: () => false } : modulesOf(text);
  const side = module * (size + 8);
  const png = new PNG({ width: side, height: side });
  for (let i = 0; i < side * side; i++) {
    const on = dark(
      Math.floor((i % side) / module) - 4,
      Math.floor(Math.floor(i / side) / module) - 4,
    );
    png.data.set(on ? [0, 0, 0, 255] : [255, 255, 255, 255], 4 * i);
  }
  return PNG.sync.write(png);
}

function modulesOf(text: string): { size: number; dark: (x: number, y: number) => boolean } {
  const { modules } = create(text, { errorCorrectionLevel: 'M' });
  const { size } = modules;
  const inside = (i: number) => i >= 0 && i < size;
  return { size, dark: (x, y) => inside(x) && inside(y) && modules.get(y, x) !== 0 };
}
