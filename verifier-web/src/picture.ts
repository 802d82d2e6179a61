// SPDX-License-Identifier: Apache-2.0
// A picture file with a code in it: a photograph or a screenshot somebody sent.
import { PageError } from './page-error.ts';
import { readQr } from './qr-reader.ts';

const MAX_BYTES = 20 << 20;
const LONGEST_SIDE = 4096;

/** The code in a picture file. @throws PageError PICTURE_UNREADABLE, PICTURE_WITHOUT_CODE */
export async function readPicture(file: Blob): Promise<string> {
  if (file.size > MAX_BYTES) throw new PageError('PICTURE_UNREADABLE', 'over 20 MiB');
  const text = await readQr(await pixelsOf(file));
  if (text === undefined) throw new PageError('PICTURE_WITHOUT_CODE', 'no code in the picture');
  return text;
}

async function pixelsOf(file: Blob): Promise<ImageData> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch (cause) {
    throw new PageError('PICTURE_UNREADABLE', 'not a picture this browser can read', { cause });
  }
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [Math.ceil(bitmap.width * scale), Math.ceil(bitmap.height * scale)];
  const drawing = new OffscreenCanvas(width, height).getContext('2d');
  if (drawing === null) throw new PageError('PICTURE_UNREADABLE', 'no canvas to read it with');
  drawing.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return drawing.getImageData(0, 0, width, height);
}
