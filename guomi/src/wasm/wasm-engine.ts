// SPDX-License-Identifier: Apache-2.0
// An engine on the WebAssembly module: copies public input in, reads answers out. Exceptional cases go to
// the complete path. What works with a secret is in wasm-signing.ts and wasm-cipher.ts.
import { concatBytes } from '../bytes.ts';
import { verifyDigest } from '../complete.ts';
import type { Engine, VerifyRequest } from '../engine-interface.ts';
import { checkUserId, messageDigest, userHead } from '../message-digest.ts';
import { platformRandom } from '../nonce.ts';
import { createStream } from '../sm3-stream.ts';
import { constantBytes, generatorBytes } from './constants.ts';
import type { ModuleExports } from './exports.ts';
import { lanesWin } from './lane-race.ts';
import { AREA, areaBytes, BATCH_LEAST, BATCH_MAX, CHUNK_BYTES } from './layout.ts';
import { instantiate } from './loader.ts';
import { guarded } from './trap.ts';
import type { Module } from './wasm-module.ts';
import { multiply, prepare, publicKeyOf, signDigests } from './wasm-signing.ts';

export { warmUpWasm } from './loader.ts';

/** What `batchAdd` says of a signature whose answer comes with the batch. */
export const IN_BATCH = 3;
/** What the module says of a case that the complete path is for. */
export const EXCEPTIONAL = 2;
const NO_PREFIX = -1;
const PADDING_BYTES = 136; // at most, behind a message and its 32-byte head

/**
 * Loads the module and builds its tables.
 * @throws GuomiError ENGINE_UNAVAILABLE where it cannot be compiled
 */
export function createWasmEngine(name: 'wasm-simd' | 'wasm'): Engine {
  return unseeded(name, instantiate(name));
}

/** Fills a fresh instance's memory and returns the engine on it, seeded. */
export function openEngine(name: 'wasm-simd' | 'wasm', exports: ModuleExports): Engine {
  const engine = unseeded(name, exports);
  engine.seed();
  return engine;
}

function unseeded(name: 'wasm-simd' | 'wasm', exports: ModuleExports): Engine {
  const module = open(exports);
  let isSeeded = false;
  return {
    name,
    compress: guarded(module.compress),
    hash: guarded((bytes) => hash(module, bytes)),
    hashEach: guarded((bytes, partBytes, prefix) => hashEach(module, bytes, partBytes, prefix)),
    verify: guarded((request) => verify(module, request)),
    verifyBatch: guarded((requests) => verifyBatch(module, requests)),
    publicKeyOf: guarded((secretKey) => publicKeyOf(module, secretKey)),
    prepare: guarded((secretKey) => prepare(module, secretKey)),
    signDigests: guarded((key, requests) => signDigests(module, key, requests)),
    multiply: guarded((secretKey, publicKey, blinding) =>
      multiply(module, secretKey, publicKey, blinding),
    ),
    decompress: guarded((publicKey) =>
      loadKey(module, publicKey) && module.exports.checkKey() === 1
        ? concatBytes(Uint8Array.of(4), module.read(AREA.key, 64))
        : undefined,
    ),
    forget: guarded(module.forget),
    seed() {
      if (!isSeeded) module.write(platformRandom(32), AREA.seed);
      isSeeded = true;
    },
    module,
    lanesWin: (now) => lanesWin(module.exports, now),
  };
}

function open(exports: ModuleExports): Module {
  let memory = new Uint8Array(exports.memory.buffer);
  let used = 0; // bytes of the chunk that were written since it was cleared
  const view = (): Uint8Array => {
    // The buffer is replaced when the module grows its memory for another table.
    if (memory.length === 0) memory = new Uint8Array(exports.memory.buffer);
    return memory;
  };
  let constants: Uint8Array = new Uint8Array(0);
  const module: Module = {
    exports,
    write(bytes, at) {
      if (at === AREA.chunk) used = Math.max(used, bytes.length);
      view().set(bytes, at);
    },
    read: (at, length) => view().slice(at, at + length),
    clear: (at, length) => view().fill(0, at, at + length),
    renewConstants: () => module.write(constants, AREA.constants),
    compress(state, data, offset, blocks) {
      const words = new Int32Array(exports.memory.buffer, AREA.state, 8);
      words.set(state);
      for (let done = 0; done < blocks; done += CHUNK_BYTES / 64) {
        const count = Math.min(CHUNK_BYTES / 64, blocks - done);
        const start = offset + 64 * done;
        module.write(data.subarray(start, start + 64 * count), AREA.chunk);
        exports.sm3Blocks(AREA.state, AREA.chunk, count);
      }
      state.set(words);
    },
    forget() {
      module.clear(AREA.head, AREA.chunk - AREA.head + used + PADDING_BYTES);
      module.clear(AREA.output, areaBytes('output'));
      exports.wipe(0);
      used = 0;
    },
  };
  module.write(constantBytes(), AREA.constants);
  module.write(userHead(), AREA.identity);
  module.write(generatorBytes(), AREA.key);
  exports.start();
  constants = module.read(AREA.constants, areaBytes('constants'));
  return module;
}

function hash(module: Module, bytes: Uint8Array): Uint8Array {
  if (bytes.length > CHUNK_BYTES) return hashLong(module, bytes);
  module.write(bytes, AREA.chunk);
  module.exports.sm3At(AREA.output, AREA.chunk, bytes.length);
  return module.read(AREA.output, 32);
}

function hashLong(module: Module, bytes: Uint8Array): Uint8Array {
  const stream = createStream(module.compress);
  return stream.update(bytes).digest();
}

/** What was hashed and its digests are cleared: they may be salts. */
function hashEach(
  module: Module,
  bytes: Uint8Array,
  partBytes: number,
  prefix = NO_PREFIX,
): Uint8Array {
  const step = Math.floor(CHUNK_BYTES / (partBytes + 32));
  const parts = bytes.length / partBytes;
  if (parts <= step) return hashSome(module, bytes, partBytes, prefix);
  const digests = new Uint8Array(32 * parts);
  for (let done = 0; done < parts; done += step) {
    const some = bytes.subarray(partBytes * done, partBytes * (done + step));
    digests.set(hashSome(module, some, partBytes, prefix), 32 * done);
  }
  return digests;
}

function hashSome(
  module: Module,
  bytes: Uint8Array,
  partBytes: number,
  prefix: number,
): Uint8Array {
  const count = bytes.length / partBytes;
  try {
    module.write(bytes, AREA.chunk);
    module.exports.hashParts(count, partBytes, prefix);
    return module.read(AREA.chunk + bytes.length, 32 * count);
  } finally {
    module.clear(AREA.chunk, bytes.length + 32 * count);
    module.clear(AREA.work, 4 * (partBytes + PADDING_BYTES));
    for (const name of ['state', 'output', 'schedule'] as const) {
      module.clear(AREA[name], areaBytes(name));
    }
  }
}

/** Puts x‖y at the key's area; false when the bytes have no such form. */
function loadKey(module: Module, publicKey: Uint8Array): boolean {
  const first = publicKey[0];
  if (publicKey.length === 65 && first === 4) {
    module.write(publicKey.subarray(1), AREA.key);
    return true;
  }
  if (publicKey.length !== 33 || (first !== 2 && first !== 3)) return false;
  module.write(publicKey.subarray(1), AREA.key);
  return module.exports.decompress(first - 2) === 1;
}

/** Puts signature, key and message in place; the length to pass on, undefined when malformed. */
function place(module: Module, request: VerifyRequest): number | undefined {
  const { signature, message, publicKey, userId } = request;
  checkUserId(userId);
  if (signature.length !== 64 || !loadKey(module, publicKey)) return undefined;
  module.write(signature, AREA.signature);
  if (userId === undefined && message.length <= CHUNK_BYTES) {
    module.write(message, AREA.chunk);
    return message.length;
  }
  const key = concatBytes(Uint8Array.of(4), module.read(AREA.key, 64));
  module.write(messageDigest(module.compress, message, key, userId), AREA.digest);
  return -1;
}

function verify(module: Module, request: VerifyRequest): boolean {
  const length = place(module, request);
  if (length === undefined) return false;
  const answer = module.exports.verify(length);
  return answer === EXCEPTIONAL ? verifyCompletely(module, request) : answer === 1;
}

function verifyCompletely(module: Module, request: VerifyRequest): boolean {
  if (!loadKey(module, request.publicKey)) return false;
  const key = concatBytes(Uint8Array.of(4), module.read(AREA.key, 64));
  const digest = messageDigest(module.compress, request.message, key, request.userId);
  return verifyDigest(request.signature, digest, key);
}

/** What was just signed is among it: an n with a wrong bit makes wrong signatures, and would find them right. */
function verifyBatch(module: Module, requests: readonly VerifyRequest[]): boolean[] {
  module.renewConstants();
  const answers: boolean[] = [];
  for (let start = 0; start < requests.length; start += BATCH_MAX) {
    const part = requests.slice(start, start + BATCH_MAX);
    answers.push(
      ...(part.length < BATCH_LEAST ? part.map((r) => verify(module, r)) : run(module, part)),
    );
  }
  return answers;
}

function run(module: Module, requests: readonly VerifyRequest[]): boolean[] {
  const { batchRun, batchAnswer } = module.exports;
  const { states, count } = takeIn(module, requests);
  batchRun(count);
  let waiting = 0;
  return states.map((state, index) => {
    const answer = state === IN_BATCH ? batchAnswer(waiting++) : state;
    const request = requests[index];
    if (answer === EXCEPTIONAL && request !== undefined) return verifyCompletely(module, request);
    return answer === 1;
  });
}

/** The batch is ended whatever happens: tables must not stay held. */
function takeIn(
  module: Module,
  requests: readonly VerifyRequest[],
): Readonly<{ states: readonly number[]; count: number }> {
  const { batchStart, batchAdd, batchEnd } = module.exports;
  const states: number[] = [];
  batchStart();
  try {
    for (const request of requests) {
      const length = place(module, request);
      states.push(length === undefined ? 0 : batchAdd(length));
    }
    return { states, count: batchEnd() };
  } finally {
    batchEnd();
  }
}
