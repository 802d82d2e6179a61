// SPDX-License-Identifier: Apache-2.0
// The choice of engine: WebAssembly with SIMD, without, or the complete path in JavaScript. Made on
// first use, after a known-answer test; can be asked for and forced.
import { createCompleteEngine } from './complete-engine.ts';
import type { Engine, EngineName } from './engine-interface.ts';
import { GuomiError } from './errors.ts';
import { selfTest } from './self-test.ts';
import { createWasmEngine, warmUpWasm } from './wasm/wasm-engine.ts';

let chosen: Engine | undefined;
let forced = false;
const loaded = new Map<EngineName, Engine>();

/** Tells which engine works, and chooses another one. */
export const engine = {
  /** The engine in use: `wasm-simd`, `wasm` or `complete`. */
  get name(): EngineName {
    return engine.current().name;
  },

  /**
   * Uses this engine from now on; without a name, the best one that loads.
   * @throws GuomiError ENGINE_UNAVAILABLE, SELF_TEST_FAILED
   */
  use(name?: EngineName): void {
    chosen = name === undefined ? best() : load(name);
    forced = name !== undefined;
  },

  /**
   * Resolves when the fast engine works or cannot. Only needed where a page's main thread may not
   * compile synchronously: until then the complete path answers. An engine that was asked for by
   * name stays.
   */
  async ready(): Promise<void> {
    if (forced || engine.current().name !== 'complete') return;
    if ((await warmUpWasm()) && !isForced()) chosen = best();
  },

  /** The engine's functions, for this package's own use. */
  current: (): Engine => {
    chosen ??= best();
    return chosen;
  },
};

/** Asked again after a wait, during which somebody may have chosen. */
function isForced(): boolean {
  return forced;
}

function best(): Engine {
  for (const name of ['wasm-simd', 'wasm'] as const) {
    const found = attempt(name);
    if (found !== undefined && (name === 'wasm' || found.lanesWin())) return found;
  }
  return load('complete');
}

/** An engine that does not compile here is passed over; one that computes wrongly is an error. */
function attempt(name: EngineName): Engine | undefined {
  try {
    return load(name);
  } catch (error) {
    if (error instanceof GuomiError && error.code === 'ENGINE_UNAVAILABLE') return undefined;
    throw error;
  }
}

function load(name: EngineName): Engine {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const made = name === 'complete' ? createCompleteEngine() : createWasmEngine(name);
  if (!selfTest(made)) {
    throw new GuomiError('SELF_TEST_FAILED', `the engine ${name} fails its known-answer test`);
  }
  loaded.set(name, made);
  return made;
}
