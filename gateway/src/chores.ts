// SPDX-License-Identifier: Apache-2.0
// Work that is done again and again, now and then and when somebody asks: one run at a time, and however often it is
// asked for meanwhile, one more after it.
import type { Log } from './log.ts';

/** Chores of a gateway. */
export interface Chores {
  /** Something may be to do: runs now, or once more after the run at hand. */
  ask(): void;
  /** Ends after the run at hand. */
  stop(): Promise<void>;
}

/** Does the steps in order, every so many milliseconds; what fails waits for the next run, with all after it. */
export function startChores(
  steps: readonly (() => Promise<unknown>)[],
  { every, log }: { readonly every: number; readonly log: Pick<Log, 'warn'> },
): Chores {
  let running: Promise<void> | undefined;
  let isAsked = false;
  let isStopped = false;
  const run = async () => {
    try {
      for (const step of steps) {
        if (isStopped) return;
        await step();
      }
    } catch (error) {
      log.warn('chores wait', { error });
    }
  };
  const ask = () => {
    if (isStopped) return;
    isAsked = running !== undefined;
    running ??= run().finally(() => {
      running = undefined;
      if (isAsked) ask();
    });
  };
  const timer = setInterval(ask, every);
  return {
    ask,
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await running;
    },
  };
}

/** A step that is done at most once in so many milliseconds. */
export function seldom(every: number, step: () => Promise<unknown>): () => Promise<unknown> {
  let last = -Infinity;
  return async () => {
    if (performance.now() - last < every) return;
    last = performance.now();
    await step();
  };
}
