// SPDX-License-Identifier: Apache-2.0
// Compiles the embedded modules synchronously, without fetch, in Node, browsers, workers and a
// bundled chaincode. Where a page's main thread refuses that, compiles in the background.
import { GuomiError } from '../errors.ts';
import { joinExports, type ModuleExports } from './exports.ts';
import * as core from './module-core.ts';
import * as simd from './module-simd.ts';

type WasmName = 'wasm-simd' | 'wasm';
type ModuleName = 'core' | 'simd';

const TEXTS = { core, simd } as const;
const compiled = new Map<ModuleName, WebAssembly.Module>();

/**
 * Returns a new instance of the core module, for `wasm-simd` with the SIMD module on its memory.
 * @throws GuomiError ENGINE_UNAVAILABLE
 */
export function instantiate(name: WasmName): ModuleExports {
  try {
    const lanes = name === 'wasm-simd' ? compile('simd') : undefined;
    const whole = new WebAssembly.Instance(compile('core'), {});
    if (lanes === undefined) return joinExports(whole);
    const { memory } = whole.exports;
    const imports = { core: whole.exports, env: memory === undefined ? {} : { memory } };
    return joinExports(whole, new WebAssembly.Instance(lanes, imports));
  } catch (cause) {
    throw new GuomiError('ENGINE_UNAVAILABLE', `${name} does not load here`, { cause });
  }
}

/** Compiles both modules in the background; true when the core module compiles. */
export async function warmUpWasm(): Promise<boolean> {
  const names: readonly ModuleName[] = ['simd', 'core'];
  const results = await Promise.allSettled(
    names.map(async (name) => {
      compiled.set(name, await WebAssembly.compile(bytesOf(name)));
    }),
  );
  return results[1]?.status === 'fulfilled';
}

function compile(name: ModuleName): WebAssembly.Module {
  const module = compiled.get(name) ?? new WebAssembly.Module(bytesOf(name));
  compiled.set(name, module);
  return module;
}

function bytesOf(name: ModuleName): Uint8Array<ArrayBuffer> {
  const { BASE64, BYTES } = TEXTS[name];
  const decoded = decodeByPlatform(BASE64);
  if (decoded?.length === BYTES) return decoded;
  const text = atob(BASE64);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** By Node's decoder, Deno's or Bun's where there is one: before V8 optimises it the loop takes as long as compiling. */
function decodeByPlatform(text: string): Uint8Array<ArrayBuffer> | undefined {
  const decoder: unknown = Reflect.get(globalThis, 'Buffer');
  if (typeof decoder !== 'function' || !('from' in decoder)) return undefined;
  const { from } = decoder;
  const bytes: unknown =
    typeof from === 'function' ? Reflect.apply(from, decoder, [text, 'base64']) : undefined;
  return bytes instanceof Uint8Array ? Uint8Array.from(bytes) : undefined;
}
