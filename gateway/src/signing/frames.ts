// SPDX-License-Identifier: Apache-2.0
// Messages on a byte stream: four bytes of length, big endian, then one CBOR item (docs/signer.md §5). A length is judged
// before anything is kept for it.
import { concat, uintBytes } from '@zhenglian/core/bytes';
import { gatewayError } from '../problem-codes.ts';

/** Most bytes of a message. */
export const MAX_FRAME = 1 << 20;
const HEAD = 4;

/** A message as it is sent. */
export function encodeFrame(message: Uint8Array): Uint8Array {
  return concat(uintBytes(message.length, 4), message);
}

/** Cuts a stream into messages. */
export interface FrameReader {
  /** Gives the messages that are whole now. @throws SIGNER_UNAVAILABLE on a length of 0 or over the limit */
  push(part: Uint8Array): readonly Uint8Array[];
  /** Whether a message has begun and not ended. */
  isPartial(): boolean;
}

export function createFrameReader(): FrameReader {
  let parts: Uint8Array[] = [];
  let size = 0;
  /** Length of the message at hand, once its head is there. */
  let wanted: number | undefined;
  const join = (): Uint8Array => {
    const [first] = parts;
    if (parts.length === 1 && first !== undefined) return first;
    const joined = concat(...parts);
    parts = [joined];
    return joined;
  };
  const headOf = (bytes: Uint8Array): number => {
    const length = new DataView(bytes.buffer, bytes.byteOffset, HEAD).getUint32(0);
    if (length === 0 || length > MAX_FRAME) {
      throw gatewayError('SIGNER_UNAVAILABLE', 'a message on the line has no possible length');
    }
    return length;
  };
  return {
    isPartial: () => size > 0,
    push(part) {
      if (part.length === 0) return [];
      parts.push(part);
      size += part.length;
      const messages: Uint8Array[] = [];
      while (size >= HEAD) {
        wanted ??= headOf(join());
        if (size < HEAD + wanted) break;
        const whole = join();
        messages.push(whole.subarray(HEAD, HEAD + wanted));
        const rest = whole.subarray(HEAD + wanted);
        parts = rest.length > 0 ? [rest] : [];
        size = rest.length;
        wanted = undefined;
      }
      return messages;
    },
  };
}
