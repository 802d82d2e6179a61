// SPDX-License-Identifier: Apache-2.0
// SM3's padding and buffering (GB/T 32905-2016 §5.2) around any implementation of its compression.
import { asBytes, wipe } from './bytes.ts';
import { GuomiError } from './errors.ts';
import { SM3_INITIAL } from './sm3-rolled.ts';

/** Folds `blocks` 64-byte blocks of `data` from `offset` into eight words of state. */
export type Compress = (
  state: Int32Array,
  data: Uint8Array,
  offset: number,
  blocks: number,
) => void;

/** A hash in progress; `digest` ends it. */
export type Sm3Stream = Readonly<{
  update: (bytes: Uint8Array) => Sm3Stream;
  digest: () => Uint8Array;
}>;

/** Starts a hash; see `sm3.create`. */
export function createStream(compress: Compress): Sm3Stream {
  const state = Int32Array.from(SM3_INITIAL);
  const block = new Uint8Array(64);
  let total = 0;
  let finished = false;
  // Who is cut off has hashed nothing, and keeps nothing.
  const fold: typeof compress = (into, data, offset, blocks) => {
    try {
      compress(into, data, offset, blocks);
    } catch (error) {
      block.fill(0);
      state.fill(0);
      throw error;
    }
  };
  const use = (): void => {
    if (finished) throw new GuomiError('STREAM_FINISHED', 'this hash has given its digest');
  };
  const absorb = (data: Uint8Array): void => {
    let offset = 0;
    const held = total % 64;
    total += data.length;
    if (held > 0) {
      offset = Math.min(64 - held, data.length);
      block.set(data.subarray(0, offset), held);
      if (held + offset < 64) return;
      fold(state, block, 0, 1);
    }
    const blocks = Math.floor((data.length - offset) / 64);
    if (blocks > 0) fold(state, data, offset, blocks);
    block.set(data.subarray(offset + 64 * blocks));
  };
  const stream: Sm3Stream = {
    update(bytes) {
      use();
      absorb(asBytes(bytes, 'bytes'));
      return stream;
    },
    digest() {
      use();
      absorb(padding(total));
      finished = true;
      const digest = stateBytes(state);
      block.fill(0);
      state.fill(0);
      return digest;
    },
  };
  return stream;
}

function stateBytes(state: Int32Array): Uint8Array {
  const digest = new Uint8Array(32);
  const view = new DataView(digest.buffer);
  for (const [index, word] of state.entries()) view.setInt32(4 * index, word);
  return digest;
}

function padding(total: number): Uint8Array {
  const tail = new Uint8Array(((119 - (total % 64)) % 64) + 9);
  tail[0] = 0x80;
  new DataView(tail.buffer).setBigUint64(tail.length - 8, BigInt(total) * 8n);
  return tail;
}

/** HMAC-SM3 (key of at most 64 bytes) over any compression. */
export function hmacWith(compress: Compress, key: Uint8Array, message: Uint8Array): Uint8Array {
  const inner = new Uint8Array(64).fill(0x36);
  const outer = new Uint8Array(64).fill(0x5c);
  for (const [index, byte] of key.entries()) {
    inner[index] = byte ^ 0x36;
    outer[index] = byte ^ 0x5c;
  }
  let within: Uint8Array | undefined;
  try {
    within = createStream(compress).update(inner).update(message).digest();
    return createStream(compress).update(outer).update(within).digest();
  } finally {
    wipe(inner, outer, within);
  }
}
