// SPDX-License-Identifier: Apache-2.0
// The public interface of this package: bytes in, bytes out, synchronous, nothing to initialise.
export { engine } from './engine.ts';
export type { EngineName } from './engine-interface.ts';
export { GuomiError, type GuomiErrorCode } from './errors.ts';
export * as sm2 from './sm2.ts';
export * as sm3 from './sm3.ts';
export * as sm4 from './sm4-modes.ts';
