// SPDX-License-Identifier: Apache-2.0
// Tests assert codes, never messages.
import { expect } from 'chai';
import { isCodedError } from '@zhenglian/core/errors';
import type { ErrorCode } from '@zhenglian/core/errors';

/** The code an act throws; anything but a coded error fails the test. */
export function thrownCode(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (isCodedError(error)) return error.code;
    throw error;
  }
  return 'nothing was thrown';
}

/** Expects an act to throw a code. */
export function expectCode(act: () => unknown, code: ErrorCode): void {
  expect(thrownCode(act)).to.equal(code);
}
