// SPDX-License-Identifier: Apache-2.0
// Compiles the embedded modules synchronously, without fetch, in Node, browsers, workers and a
// bundled chaincode. Where a page's main thread refuses that, compiles in the background.
import { GuomiError } from '../errors.ts';
import { moduleExports, type ModuleExports } from './exports.ts';
import { BASE64 as SCALAR } from './module-scalar.ts';
import { BASE64 as SIMD } from './module-simd.ts';

type WasmName = 'wasm-simd' | 'wasm';

const compiled = new Map<WasmName, WebAssembly.Module>();

/**
 * Returns a new instance of a module.
 * @throws GuomiError ENGINE_UNAVAILABLE
 */
export function instantiate(name: WasmName): ModuleExports {
  try {
    const module = compiled.get(name) ?? new WebAssembly.Module(bytesOf(name));
    compiled.set(name, module);
    return moduleExports(new WebAssembly.Instance(module, {}));
  } catch (cause) {
    throw new GuomiError('ENGINE_UNAVAILABLE', `${name} does not load here`, { cause });
  }
}

/** Compiles both modules in the background; true when one of them compiles. */
export async function warmUpWasm(): Promise<boolean> {
  const names: readonly WasmName[] = ['wasm-simd', 'wasm'];
  const results = await Promise.allSettled(
    names.map(async (name) => {
      compiled.set(name, await WebAssembly.compile(bytesOf(name)));
    }),
  );
  return results.some((result) => result.status === 'fulfilled');
}

function bytesOf(name: WasmName): Uint8Array<ArrayBuffer> {
  const text = atob(name === 'wasm' ? SCALAR : SIMD);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}
