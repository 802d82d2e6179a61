// SPDX-License-Identifier: Apache-2.0
// Which engine works: WebAssembly with SIMD, without, or the complete path in JavaScript. Chosen on first use, after a
// known-answer test; whether two lanes pay here is timed once batches are verified in earnest. For this package's own
// use; what callers may ask and force is in engine.ts.
import { createCompleteEngine } from './complete-engine.ts';
import type { Engine, EngineName } from './engine-interface.ts';
import { GuomiError } from './errors.ts';
import { selfTest } from './self-test.ts';
import { BATCH_LEAST } from './wasm/layout.ts';
import { createWasmEngine, warmUpWasm } from './wasm/wasm-engine.ts';

const NAMES: readonly EngineName[] = ['wasm-simd', 'wasm', 'complete'];
/** Verified in batches: by then both lanes' kernels have been optimised, and who checks one by one never waits for a race. */
const RACE_AFTER = 256;
let chosen: Engine | undefined;
let forced = false;
let batched = 0;
let lanesPay: boolean | undefined;
const loaded = new Map<EngineName, Engine>();

/** The engine in use. @throws GuomiError SELF_TEST_FAILED, when this is the first use */
export function currentEngine(): Engine {
  chosen ??= best();
  return chosen;
}

/** The engine for a signature to verify. */
export function verifyingEngine(): Engine {
  const current = currentEngine();
  current.seed();
  return current;
}

/** The engine for a batch of `count` signatures: after enough of them, with the lanes that win here. */
export function batchEngine(count: number): Engine {
  const current = verifyingEngine();
  if (forced || lanesPay !== undefined || current.name !== 'wasm-simd') return current;
  if (count < BATCH_LEAST) return current;
  if (batched < RACE_AFTER) {
    batched += count;
    return current;
  }
  chosen = raced(current);
  lanesPay = chosen === current;
  return verifyingEngine();
}

/** As `engine.use`. */
export function chooseEngine(name?: EngineName): void {
  chosen = name === undefined ? best() : load(name);
  forced = name !== undefined;
}

/** As `engine.ready`. */
export async function awaitEngine(): Promise<void> {
  if (forced || currentEngine().name !== 'complete') return;
  if ((await warmUpWasm()) && !isForced()) chosen = best();
}

/** Puts an engine that nobody has tested in the place of the chosen one: for tests of what happens then. */
export function standIn(engine: Engine): void {
  chosen = engine;
}

/** Asked again after a wait, during which somebody may have chosen. */
function isForced(): boolean {
  return forced;
}

/** The engine without lanes where they lose and it loads; the one in use has passed its test and goes on otherwise. */
function raced(current: Engine): Engine {
  if (current.lanesWin()) return current;
  try {
    return attempt('wasm') ?? current;
  } catch {
    return current;
  }
}

function best(): Engine {
  for (const name of ['wasm-simd', 'wasm'] as const) {
    const found = name === 'wasm-simd' && lanesPay === false ? undefined : attempt(name);
    if (found !== undefined) return found;
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
  if (!NAMES.includes(name)) {
    throw new GuomiError('ENGINE_UNAVAILABLE', `engines are ${NAMES.join(', ')}`);
  }
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const made = name === 'complete' ? createCompleteEngine() : createWasmEngine(name);
  testEngine(made);
  loaded.set(name, made);
  return made;
}

/** A test that does not come to its end has not been passed. */
function testEngine(made: Engine): void {
  const failed = (cause?: unknown) =>
    new GuomiError('SELF_TEST_FAILED', `the engine ${made.name} fails its known-answer test`, {
      cause,
    });
  let isRight: boolean;
  try {
    isRight = selfTest(made);
  } catch (cause) {
    throw failed(cause);
  }
  if (!isRight) throw failed();
}
