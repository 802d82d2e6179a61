// SPDX-License-Identifier: Apache-2.0
// SM3 (GB/T 32905-2016): one-shot, streaming, HMAC.
import { asBytes, concatBytes } from './bytes.ts';
import { GuomiError } from './errors.ts';
import { compressRolled, SM3_INITIAL } from './sm3-rolled.ts';

/** A hash in progress; `digest` ends it. */
export type Sm3Stream = Readonly<{
  update: (bytes: Uint8Array) => Sm3Stream;
  digest: () => Uint8Array;
}>;

/** Returns the 32-byte SM3 digest of `bytes`. */
export function hash(bytes: Uint8Array): Uint8Array {
  return create().update(bytes).digest();
}

/**
 * Starts a streaming hash.
 * @throws GuomiError STREAM_FINISHED from `update` or `digest` after `digest`
 */
export function create(): Sm3Stream {
  const state = Int32Array.from(SM3_INITIAL);
  const block = new Uint8Array(64);
  let total = 0;
  let finished = false;
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
      compressRolled(state, block, 0, 1);
    }
    const blocks = Math.floor((data.length - offset) / 64);
    compressRolled(state, data, offset, blocks);
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
      const digest = new Uint8Array(32);
      const view = new DataView(digest.buffer);
      for (const [index, word] of state.entries()) view.setInt32(4 * index, word);
      block.fill(0);
      state.fill(0);
      return digest;
    },
  };
  return stream;
}

/** Returns HMAC-SM3 of `message` under `key` (any length). */
export function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  const short = asBytes(key, 'key').length > 64 ? hash(key) : key;
  const inner = new Uint8Array(64).fill(0x36);
  const outer = new Uint8Array(64).fill(0x5c);
  for (const [index, byte] of short.entries()) {
    inner[index] = byte ^ 0x36;
    outer[index] = byte ^ 0x5c;
  }
  const digest = hash(concatBytes(outer, create().update(inner).update(message).digest()));
  inner.fill(0);
  outer.fill(0);
  return digest;
}

function padding(total: number): Uint8Array {
  const tail = new Uint8Array(((119 - (total % 64)) % 64) + 9);
  tail[0] = 0x80;
  new DataView(tail.buffer).setBigUint64(tail.length - 8, BigInt(total) * 8n);
  return tail;
}
