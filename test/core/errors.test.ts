// SPDX-License-Identifier: Apache-2.0
// The one error class: its code, message, cause and detail, and how it is recognised.
import { expect } from 'chai';
import { CodedError, isCodedError } from '../../core/src/errors.ts';

describe('core/errors', () => {
  it('begins its message with the code and keeps cause and detail', () => {
    const cause = new TypeError('inner');
    const error = new CodedError('USCC_INVALID', 'wrong length', { cause, detail: { length: 3 } });
    expect(error.message).to.equal('USCC_INVALID: wrong length');
    expect(error.code).to.equal('USCC_INVALID');
    expect(error.cause).to.equal(cause);
    expect(error.detail).to.deep.equal({ length: 3 });
    expect(error.name).to.equal('CodedError');
    expect(error).to.be.instanceOf(Error);
  });

  it('has no cause property when none was given', () => {
    expect(Object.hasOwn(new CodedError('USCC_INVALID', 'x'), 'cause')).to.equal(false);
  });

  it('is recognised by class and by code', () => {
    const error: unknown = new CodedError('DIVISION_INVALID', 'x');
    expect(isCodedError(error)).to.equal(true);
    expect(isCodedError(error, 'DIVISION_INVALID')).to.equal(true);
    expect(isCodedError(error, 'USCC_INVALID')).to.equal(false);
    expect(isCodedError(new Error('DIVISION_INVALID: x'))).to.equal(false);
    expect(isCodedError({ code: 'DIVISION_INVALID' })).to.equal(false);
    expect(isCodedError(undefined)).to.equal(false);
  });
});
