// SPDX-License-Identifier: Apache-2.0
// A trap of the module (an address outside its memory, after a fault in it) leaves as a coded error.
import { GuomiError } from '../errors.ts';

/** The same function; what it throws from inside the module is ENGINE_FAILED. */
export function guarded<A extends readonly unknown[], R>(work: (...given: A) => R) {
  return (...given: A): R => {
    try {
      return work(...given);
    } catch (cause) {
      if (!(cause instanceof WebAssembly.RuntimeError)) throw cause;
      throw new GuomiError('ENGINE_FAILED', 'the engine failed: start this process anew', {
        cause,
      });
    }
  };
}
