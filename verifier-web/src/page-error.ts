// SPDX-License-Identifier: Apache-2.0
// What can go wrong on the page's own side; the gateway's problems are http.ts's GatewayProblem.
import { CodedError } from '@zhenglian/core/errors';

/** Codes of the page. */
export type PageErrorCode =
  | 'GATEWAY_ANSWER'
  | 'GATEWAY_UNREACHABLE'
  | 'CAMERA_DENIED'
  | 'CAMERA_MISSING'
  | 'CAMERA_BUSY'
  | 'CAMERA_INSECURE'
  | 'PICTURE_UNREADABLE'
  | 'PICTURE_WITHOUT_CODE';

/** A coded error of the page. */
export class PageError extends CodedError<PageErrorCode> {}
