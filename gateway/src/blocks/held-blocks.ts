// SPDX-License-Identifier: Apache-2.0
// Blocks that were read and not yet confirmed: a bounded queue between the stream that fills it and whoever confirms its newest.
import type { ChainState, CheckedBlock } from '@zhenglian/network/fabric/block-checker';

/** A checked block, and where the chain stands after it. */
export interface HeldBlock {
  readonly block: CheckedBlock;
  readonly state: ChainState;
  readonly bytes: number;
}

/** A queue: one fills it, one takes. */
export interface HeldBlocks {
  /** Resolves once there is room for more. */
  put(held: HeldBlock): Promise<void>;
  /** What is held, oldest first, at least one; undefined when nothing came in time. Throws what ended the queue, once it is empty. */
  take(milliseconds: number): Promise<readonly HeldBlock[] | undefined>;
  end(error: unknown): void;
}

/** Memory that waiting blocks may take; one block may hold 16 MB. */
const MAX_BYTES = 32 << 20;
const MAX_BLOCKS = 256;

/** An empty queue. */
export function holdBlocks(): HeldBlocks {
  const queue: HeldBlock[] = [];
  const waiting = new Set<() => void>();
  let ended: { readonly error: unknown } | undefined;
  const wake = () => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  const change = () => new Promise<void>((resolve) => waiting.add(resolve));
  const isFull = () =>
    queue.length >= MAX_BLOCKS || queue.reduce((sum, { bytes }) => sum + bytes, 0) >= MAX_BYTES;
  return {
    async put(held) {
      queue.push(held);
      wake();
      while (isFull() && !ended) await change();
    },
    async take(milliseconds) {
      const timer = { isOver: false };
      const timeout = setTimeout(() => {
        timer.isOver = true;
        wake();
      }, milliseconds);
      try {
        while (queue.length === 0 && !ended && !timer.isOver) await change();
      } finally {
        clearTimeout(timeout);
      }
      if (queue.length > 0) return takeBatch(queue, wake);
      if (ended) throw ended.error;
      return undefined;
    },
    end(error) {
      ended ??= { error };
      wake();
    },
  };
}

/**
 * All that waits, but a block whose flags are not bound to its commit hash comes alone: it must be confirmed itself, and
 * so must the one before it, for what is confirmed of a loose block says nothing of those before.
 */
function takeBatch(queue: HeldBlock[], wake: () => void): readonly HeldBlock[] {
  const loose = queue.findIndex(({ block }) => !block.areFlagsBound);
  const batch = queue.splice(0, loose < 0 ? queue.length : Math.max(loose, 1));
  wake();
  return batch;
}
