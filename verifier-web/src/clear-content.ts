// SPDX-License-Identifier: Apache-2.0
// The clear content of a digest slot (docs/credential-format.md §4.1): a text, or a picture as a data: URL. The licence holds
// its SM3; the gateway computes it again from what it is sent.
import { toHex, utf8 } from '@zhenglian/core/bytes';
import type { Slot } from '@zhenglian/core/types/definition';
import { sm3 } from '@zhenglian/guomi';
import { PageError } from './page-error.ts';

const MAX_BYTES = 20 << 20;
/** 358 × 441 points at 350 dpi is the picture of an identity card (GA/T 461); twice that at most. */
const WIDTH = 716;
const HEIGHT = 882;
const PICTURE = /^data:image\/(?:jpeg|png|webp);base64,[A-Za-z0-9+/=]+$/;

/** Slots whose content is a picture: by name, since a type says of a digest only that it is one. */
export function isPictureSlot(slot: Slot): boolean {
  return slot.kind === 'digest' && slot.name === 'photo';
}

/** Whether a content is a picture. */
export function isPicture(content: string): boolean {
  return PICTURE.test(content);
}

/** What the licence will hold of a content. */
export function digestHex(content: string): string {
  return toHex(sm3.hash(utf8(content)));
}

/** A picture file as content: made smaller where it is large, without what a camera wrote beside it. @throws PageError PICTURE_UNREADABLE */
export async function readPictureContent(file: Blob): Promise<string> {
  if (file.size > MAX_BYTES) throw new PageError('PICTURE_UNREADABLE', 'over 20 MiB');
  const bitmap = await openBitmap(file);
  const scale = Math.min(1, WIDTH / bitmap.width, HEIGHT / bitmap.height);
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const drawing = canvas.getContext('2d');
  if (drawing === null) throw new PageError('PICTURE_UNREADABLE', 'no canvas to draw it on');
  drawing.fillStyle = '#fff'; // JPEG knows no transparency
  drawing.fillRect(0, 0, canvas.width, canvas.height);
  drawing.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas.toDataURL('image/jpeg', 0.85);
}

/** Draws a picture content; the content policy of the page admits no foreign image sources. */
export async function drawPicture(content: string, canvas: HTMLCanvasElement): Promise<void> {
  const bytes = Uint8Array.from(atob(content.slice(content.indexOf(',') + 1)), (c) =>
    c.charCodeAt(0),
  );
  const bitmap = await openBitmap(new Blob([bytes]));
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  bitmap.close();
}

async function openBitmap(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file);
  } catch (cause) {
    throw new PageError('PICTURE_UNREADABLE', 'not a picture this browser can read', { cause });
  }
}
