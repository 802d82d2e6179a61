// SPDX-License-Identifier: Apache-2.0
// SM4 and GHASH of the engine in use: on its module, else in plain JavaScript, which then passes
// its known-answer test here, so that who does not use SM4 need not carry it.
import { cipherSelfTest } from './cipher-self-test.ts';
import { currentEngine } from './current-engine.ts';
import type { Cipher } from './engine-interface.ts';
import { GuomiError } from './errors.ts';
import { gcmKey, gcmOpen, gcmSeal, ghash, sm4Blocks, sm4Ctr } from './sm4-complete.ts';
import { createWasmCipher } from './wasm/wasm-cipher.ts';
import type { Module } from './wasm/wasm-module.ts';

const COMPLETE: Cipher = {
  sm4Blocks: (key, blocks, direction) => sm4Blocks(key, blocks, direction === 'decrypt'),
  sm4Ctr,
  ghash,
  gcmKey,
  gcmSeal,
  gcmOpen,
};
let tested = false;
const onModules = new WeakMap<Module, Cipher>();

/**
 * The cipher functions of the engine in use now.
 * @throws GuomiError SELF_TEST_FAILED
 */
export function currentCipher(): Cipher {
  const { module } = currentEngine();
  if (module === undefined) return completeCipher();
  const known = onModules.get(module);
  if (known !== undefined) return known;
  const cipher = createWasmCipher(module);
  onModules.set(module, cipher);
  return cipher;
}

function completeCipher(): Cipher {
  tested ||= cipherSelfTest(COMPLETE, 128);
  if (!tested) {
    throw new GuomiError('SELF_TEST_FAILED', 'SM4 in JavaScript fails its known-answer test');
  }
  return COMPLETE;
}
