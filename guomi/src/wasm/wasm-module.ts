// SPDX-License-Identifier: Apache-2.0
// A loaded module with its memory: what the parts of the WebAssembly engine share.
import type { Compress } from '../sm3-stream.ts';
import type { ModuleExports } from './exports.ts';

export type Module = Readonly<{
  exports: ModuleExports;
  write: (bytes: Uint8Array, at: number) => void;
  /** A copy of `length` bytes. */
  read: (at: number, length: number) => Uint8Array;
  /** Clears `length` bytes. */
  clear: (at: number, length: number) => void;
  /** Writes the constants anew, so that what follows does not share their faults with what went before. */
  renewConstants: () => void;
  compress: Compress;
  /** Clears what hashes have left: messages, chaining values, digests. */
  forget: () => void;
}>;
