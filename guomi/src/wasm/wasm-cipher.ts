// SPDX-License-Identifier: Apache-2.0
// SM4 and GHASH on the module: data passes through its chunk, keys are cleared after each call.
import type { Cipher } from '../engine-interface.ts';
import { AREA, CHUNK_BYTES } from './layout.ts';
import type { Module } from './wasm-module.ts';

/** The cipher functions on a loaded module. */
export function createWasmCipher(module: Module): Cipher {
  const { exports, write, read, clear } = module;
  const inChunks = (bytes: Uint8Array, work: (length: number) => void): Uint8Array => {
    const result = new Uint8Array(bytes.length);
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      const part = bytes.subarray(at, at + CHUNK_BYTES);
      write(part, AREA.chunk);
      work(part.length);
      result.set(read(AREA.chunk, part.length), at);
    }
    return result;
  };
  /** Does the work under the key and clears the module of key, key stream and data, also when it throws. */
  const under = (key: Uint8Array, length: number, work: () => Uint8Array): Uint8Array => {
    try {
      write(key, AREA.secret);
      return work();
    } finally {
      clear(AREA.chunk, Math.min(length, CHUNK_BYTES) + 256);
      exports.sm4Wipe();
      exports.wipe(0);
    }
  };
  return {
    sm4Blocks: (key, blocks, direction) =>
      under(key, blocks.length, () => {
        exports.sm4Key(direction === 'decrypt' ? 1 : 0);
        return inChunks(blocks, (length) => exports.sm4Blocks(length / 16));
      }),
    sm4Ctr: (key, counter, bytes, short) =>
      under(key, bytes.length, () => {
        write(counter, AREA.nonce);
        exports.sm4Key(0);
        return inChunks(bytes, (length) => exports.sm4Ctr(length, short ? 1 : 0));
      }),
    ghash: (h, blocks) =>
      under(h, blocks.length, () => {
        clear(AREA.inverse, 16);
        for (let at = 0; at < blocks.length; at += CHUNK_BYTES) {
          const part = blocks.subarray(at, at + CHUNK_BYTES);
          write(part, AREA.chunk);
          exports.ghash(part.length / 16);
        }
        return read(AREA.inverse, 16);
      }),
  };
}
