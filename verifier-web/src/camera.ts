// SPDX-License-Identifier: Apache-2.0
// The camera: opened on a person's word, read a few times a second, closed as soon as it has read a code.
import { cameraProblem } from './camera-problem.ts';
import { PageError } from './page-error.ts';
import { readQr } from './qr-reader.ts';

const PAUSE = 120;
const LONGEST_SIDE = 1280;

/**
 * Shows the camera in the element and gives the first code it reads, or undefined when the signal ends it.
 * @throws PageError CAMERA_*
 */
export async function scanWithCamera(
  video: HTMLVideoElement,
  signal: AbortSignal,
): Promise<string | undefined> {
  const stream = await openCamera();
  try {
    video.srcObject = stream;
    await video.play();
    return await readFrames(video, signal);
  } catch (error) {
    if (signal.aborted) return undefined; // closed while it was opening
    throw error;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}

async function openCamera(): Promise<MediaStream> {
  if (!window.isSecureContext) {
    throw new PageError('CAMERA_INSECURE', 'browsers give the camera to HTTPS pages only');
  }
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } },
      audio: false,
    });
  } catch (cause) {
    throw new PageError(cameraProblem(cause), 'the camera cannot be used', { cause });
  }
}

async function readFrames(
  video: HTMLVideoElement,
  signal: AbortSignal,
): Promise<string | undefined> {
  const canvas = document.createElement('canvas');
  const drawing = canvas.getContext('2d', { willReadFrequently: true });
  if (drawing === null) throw new PageError('CAMERA_BUSY', 'no canvas to read the camera with');
  while (!signal.aborted) {
    const scale = Math.min(1, LONGEST_SIDE / Math.max(video.videoWidth, video.videoHeight, 1));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    if (canvas.width > 0 && canvas.height > 0) {
      drawing.drawImage(video, 0, 0, canvas.width, canvas.height);
      const text = await readQr(drawing.getImageData(0, 0, canvas.width, canvas.height));
      if (text !== undefined) return text;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  return undefined;
}
