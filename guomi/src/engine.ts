// SPDX-License-Identifier: Apache-2.0
// The choice of engine, as callers see it.
import { awaitEngine, chooseEngine, currentEngine } from './current-engine.ts';
import type { EngineName } from './engine-interface.ts';

/** Tells which engine works, and chooses another one. Frozen: nobody puts an engine of theirs in its place. */
export const engine = Object.freeze({
  /**
   * The engine in use: `wasm-simd`, `wasm` or `complete`. Where two lanes turn out slower than one, `wasm-simd` gives
   * way to `wasm` after 256 signatures verified in batches. @throws GuomiError SELF_TEST_FAILED
   */
  get name(): EngineName {
    return currentEngine().name;
  },

  /**
   * Uses this engine from now on; without a name, the best one that loads.
   * @throws GuomiError ENGINE_UNAVAILABLE where it does not load or has another name, SELF_TEST_FAILED
   */
  use(name?: EngineName): void {
    chooseEngine(name);
  },

  /**
   * Resolves when the fast engine works or cannot. Only needed where a page's main thread may not
   * compile synchronously: until then the complete path answers. An engine that was asked for by
   * name stays. Rejects with SELF_TEST_FAILED.
   */
  ready(): Promise<void> {
    return awaitEngine();
  },
});
