// SPDX-License-Identifier: Apache-2.0
// What for: look-ups and checks name a purpose, which the trace keeps (docs/api.md §1).
import type { Request, RequestHandler } from 'express';
import { gatewayError } from '../problem-codes.ts';
import { PURPOSE_CODES } from '../purposes.ts';
import type { PurposeCode } from '../purposes.ts';

/** Refuses a request without a known purpose. Error: PURPOSE_REQUIRED. */
export const requirePurpose: RequestHandler = (request, _response, next) => {
  purposeOf(request);
  next();
};

/** The purpose that a request gives, if it is a known one. */
export function givenPurpose(request: Request): PurposeCode | undefined {
  return PURPOSE_CODES.find((code) => code === request.headers['purpose-code']);
}

/** The purpose of a request. @throws PURPOSE_REQUIRED */
export function purposeOf(request: Request): PurposeCode {
  const purpose = givenPurpose(request);
  if (purpose === undefined) {
    throw gatewayError(
      'PURPOSE_REQUIRED',
      `Purpose-Code must be one of ${PURPOSE_CODES.join(', ')}`,
    );
  }
  return purpose;
}
