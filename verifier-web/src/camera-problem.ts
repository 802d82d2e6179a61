// SPDX-License-Identifier: Apache-2.0
// Why a camera cannot be used, of what the browser threw (W3C Media Capture and Streams, getUserMedia).
import type { PageErrorCode } from './page-error.ts';

const REASONS: Readonly<Record<string, PageErrorCode>> = {
  NotAllowedError: 'CAMERA_DENIED',
  SecurityError: 'CAMERA_DENIED',
  NotFoundError: 'CAMERA_MISSING',
  OverconstrainedError: 'CAMERA_MISSING',
};

/** The page's code of a refusal; what is not known otherwise is a camera in use elsewhere or failed. */
export function cameraProblem(cause: unknown): PageErrorCode {
  return (cause instanceof DOMException ? REASONS[cause.name] : undefined) ?? 'CAMERA_BUSY';
}
