// SPDX-License-Identifier: Apache-2.0
// SM4, GHASH and GCM on the module: data passes through its chunk; keys, key stream and data are cleared after each call.
import { concatBytes, equalBytes } from '../bytes.ts';
import type { Cipher } from '../engine-interface.ts';
import { gcmLengths, PREPARED_BYTES, TAG_BYTES, wholeBlocks } from '../gcm-form.ts';
import { AREA, CHUNK_BYTES } from './layout.ts';
import { guarded } from './trap.ts';
import type { Module } from './wasm-module.ts';

const OPENING = 1;
const SEALING = 0;
/** What one call may write behind the data: the rest of sixteen blocks, or the mask and the tag. */
const BEYOND_BYTES = 272;

/** The cipher functions on a loaded module. What is longer than `atOnce` bytes goes through it in parts. */
export function createWasmCipher(module: Module, atOnce: number = CHUNK_BYTES): Cipher {
  const { exports, write, read } = module;
  return {
    sm4Blocks: (key, blocks, direction) =>
      cleared(module, blocks.length, () => {
        write(key, AREA.secret);
        exports.sm4Key(direction === 'decrypt' ? 1 : 0);
        return inChunks(module, blocks, (length) => {
          exports.sm4Blocks(length / 16);
        });
      }),
    sm4Ctr: (key, counter, bytes) =>
      cleared(module, bytes.length, () => {
        write(key, AREA.secret);
        write(counter, AREA.nonce);
        exports.sm4Key(0);
        return inChunks(module, bytes, (length) => {
          exports.sm4Ctr(length, 0);
        });
      }),
    ghash: (h, blocks) =>
      cleared(module, blocks.length, () => {
        write(h, AREA.secret);
        module.clear(AREA.inverse, 16);
        fold(module, blocks);
        return read(AREA.inverse, 16);
      }),
    gcmKey: (key) =>
      cleared(module, 0, () => {
        write(key, AREA.secret);
        exports.gcmKey();
        return read(AREA.prepared, PREPARED_BYTES);
      }),
    gcmSeal(prepared, iv, text, additional) {
      const at = wholeBlocks(additional.length) + 16;
      if (at + text.length > atOnce) return sealLong(module, prepared, iv, text, additional);
      return cleared(module, at + text.length, () => {
        place(module, prepared, iv, additional);
        write(text, AREA.chunk + at);
        exports.gcm(additional.length, text.length, SEALING);
        return read(AREA.chunk + at, text.length + TAG_BYTES);
      });
    },
    gcmOpen(prepared, iv, sealed, additional) {
      const length = sealed.length - TAG_BYTES;
      const at = wholeBlocks(additional.length) + 16;
      if (at + length > atOnce) return openLong(module, prepared, iv, sealed, additional);
      return cleared(module, at + length, () => {
        place(module, prepared, iv, additional);
        write(sealed, AREA.chunk + at);
        const isRight = exports.gcm(additional.length, length, OPENING) === 1;
        return isRight ? read(AREA.chunk + at, length) : undefined;
      });
    },
  };
}

/** Does the work and clears the module of keys, key stream and data, also when it throws. */
function cleared<T>(module: Module, length: number, work: () => T): T {
  try {
    return guarded(work)();
  } finally {
    module.clear(AREA.chunk, Math.min(length, CHUNK_BYTES) + BEYOND_BYTES);
    module.exports.sm4Wipe();
    module.exports.wipe(0);
  }
}

function inChunks(module: Module, bytes: Uint8Array, work: (length: number) => void): Uint8Array {
  const result = new Uint8Array(bytes.length);
  try {
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      const part = bytes.subarray(at, at + CHUNK_BYTES);
      module.write(part, AREA.chunk);
      work(part.length);
      const done = module.read(AREA.chunk, part.length);
      result.set(done, at);
      done.fill(0);
    }
    return result;
  } catch (error) {
    result.fill(0);
    throw error;
  }
}

/** Folds bytes into GHASH's state; the last block is filled up with zeros. */
function fold(module: Module, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const part = bytes.subarray(at, at + CHUNK_BYTES);
    module.write(part, AREA.chunk);
    module.clear(AREA.chunk + part.length, wholeBlocks(part.length) - part.length);
    module.exports.ghash(wholeBlocks(part.length) / 16);
  }
}

function place(module: Module, prepared: Uint8Array, iv: Uint8Array, additional: Uint8Array): void {
  module.write(prepared, AREA.prepared);
  module.write(iv, AREA.nonce);
  module.write(additional, AREA.chunk);
}

function sealLong(
  module: Module,
  prepared: Uint8Array,
  iv: Uint8Array,
  text: Uint8Array,
  additional: Uint8Array,
): Uint8Array {
  return cleared(module, CHUNK_BYTES, () => {
    const ciphertext = streamed(module, prepared, iv, text);
    return concatBytes(ciphertext, tagOf(module, prepared, iv, ciphertext, additional));
  });
}

function openLong(
  module: Module,
  prepared: Uint8Array,
  iv: Uint8Array,
  sealed: Uint8Array,
  additional: Uint8Array,
): Uint8Array | undefined {
  return cleared(module, CHUNK_BYTES, () => {
    const ciphertext = sealed.subarray(0, sealed.length - TAG_BYTES);
    const tag = tagOf(module, prepared, iv, ciphertext, additional);
    if (!equalBytes(tag, sealed.subarray(ciphertext.length))) return undefined;
    return streamed(module, prepared, iv, ciphertext);
  });
}

/** XORs the stream of the counters from 2 on. */
function streamed(
  module: Module,
  prepared: Uint8Array,
  iv: Uint8Array,
  text: Uint8Array,
): Uint8Array {
  startAt(module, prepared, iv, 2);
  return inChunks(module, text, (length) => {
    module.exports.sm4Ctr(length, 1);
  });
}

function startAt(module: Module, prepared: Uint8Array, iv: Uint8Array, counter: number): void {
  module.write(prepared, AREA.prepared);
  module.exports.sm4Load();
  module.write(iv, AREA.nonce);
  module.write(Uint8Array.of(0, 0, 0, counter), AREA.nonce + iv.length);
}

function tagOf(
  module: Module,
  prepared: Uint8Array,
  iv: Uint8Array,
  ciphertext: Uint8Array,
  additional: Uint8Array,
): Uint8Array {
  startAt(module, prepared, iv, 1);
  const mask = inChunks(module, new Uint8Array(TAG_BYTES), (length) => {
    module.exports.sm4Ctr(length, 1);
  });
  try {
    module.write(prepared.subarray(PREPARED_BYTES - 16), AREA.secret);
    module.clear(AREA.inverse, 16);
    for (const part of [additional, ciphertext]) fold(module, part);
    fold(module, gcmLengths(additional.length, ciphertext.length));
    const tag = module.read(AREA.inverse, TAG_BYTES);
    for (let i = 0; i < TAG_BYTES; i += 1) tag[i] = (tag[i] ?? 0) ^ (mask[i] ?? 0);
    return tag;
  } finally {
    mask.fill(0);
  }
}
