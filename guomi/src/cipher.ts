// SPDX-License-Identifier: Apache-2.0
// SM4 and GHASH of the engine in use: on its module, else in plain JavaScript.
import { engine } from './engine.ts';
import type { Cipher } from './engine-interface.ts';
import { ghash, sm4Blocks, sm4Ctr } from './sm4-complete.ts';
import { createWasmCipher } from './wasm/wasm-cipher.ts';

const COMPLETE: Cipher = {
  sm4Blocks: (key, blocks, direction) => sm4Blocks(key, blocks, direction === 'decrypt'),
  sm4Ctr,
  ghash,
};

/** The cipher functions of the engine in use now. */
export function currentCipher(): Cipher {
  const { module } = engine.current();
  return module === undefined ? COMPLETE : createWasmCipher(module);
}
