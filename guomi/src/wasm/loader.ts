// SPDX-License-Identifier: Apache-2.0
// Compiles the embedded modules synchronously, without fetch, in Node, browsers, workers and a
// bundled chaincode. Where a page's main thread refuses that, compiles in the background.
import { GuomiError } from '../errors.ts';
import { joinExports, type ModuleExports } from './exports.ts';
import { BASE64 as CORE } from './module-core.ts';
import { BASE64 as SIMD } from './module-simd.ts';

type WasmName = 'wasm-simd' | 'wasm';
type ModuleName = 'core' | 'simd';

const TEXTS: Readonly<Record<ModuleName, string>> = { core: CORE, simd: SIMD };
const compiled = new Map<ModuleName, WebAssembly.Module>();

/**
 * Returns a new instance of the core module, for `wasm-simd` with the SIMD module on its memory.
 * @throws GuomiError ENGINE_UNAVAILABLE
 */
export function instantiate(name: WasmName): ModuleExports {
  try {
    const simd = name === 'wasm-simd' ? compile('simd') : undefined;
    const core = new WebAssembly.Instance(compile('core'), {});
    if (simd === undefined) return joinExports(core);
    const { memory } = core.exports;
    const imports = { core: core.exports, env: memory === undefined ? {} : { memory } };
    return joinExports(core, new WebAssembly.Instance(simd, imports));
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
  const decoded = decodeByPlatform(TEXTS[name]);
  if (decoded !== undefined) return decoded;
  const text = atob(TEXTS[name]);
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
