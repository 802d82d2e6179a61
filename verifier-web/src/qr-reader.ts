// SPDX-License-Identifier: Apache-2.0
// Reads QR codes out of pictures; the only place that knows the library. Its program comes from our own files.
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import readerProgram from 'zxing-wasm/reader/zxing_reader.wasm?url';

let prepared = false;

/** Loads the reader before it is needed. */
export function prepareReader(): void {
  if (prepared) return;
  prepared = true;
  prepareZXingModule({
    overrides: {
      locateFile: (path: string, prefix: string) =>
        path.endsWith('.wasm') ? readerProgram : prefix + path,
    },
  });
}

/** The text of a QR code in the picture, or undefined. */
export async function readQr(picture: ImageData): Promise<string | undefined> {
  prepareReader();
  const found = await readBarcodes(picture, {
    formats: ['QRCode'],
    tryHarder: true,
    maxNumberOfSymbols: 1,
  });
  return found.find((code) => code.isValid)?.text;
}
