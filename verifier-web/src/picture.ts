// SPDX-License-Identifier: Apache-2.0
// A picture file with a code in it: a photograph or a screenshot somebody sent.
import { PageError } from './page-error.ts';
import { readQr } from './qr-reader.ts';

const MAX_BYTES = 20 << 20;

/** The code in a picture file. @throws PageError PICTURE_UNREADABLE, PICTURE_WITHOUT_CODE */
export async function readPicture(file: Blob): Promise<string> {
  if (file.size > MAX_BYTES) throw new PageError('PICTURE_UNREADABLE', 'over 20 MiB');
  let text: string | undefined;
  try {
    text = await readQr(file);
  } catch (cause) {
    throw new PageError('PICTURE_UNREADABLE', 'not a picture this browser can read', { cause });
  }
  if (text === undefined) throw new PageError('PICTURE_WITHOUT_CODE', 'no code in the picture');
  return text;
}
