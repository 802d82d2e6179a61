// SPDX-License-Identifier: Apache-2.0
// Long computations in this thread, in pieces: requests have their turn in between.
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Signatures, or trees, between two turns: a millisecond or two. */
const TURN = 32;

/** Does a task for some of the items at a time. */
export async function inTurns<T, R>(
  items: readonly T[],
  task: (some: readonly T[]) => readonly R[],
): Promise<readonly R[]> {
  const done: R[] = [];
  for (let at = 0; at < items.length; at += TURN) {
    if (at > 0) await nextTurn();
    done.push(...task(items.slice(at, at + TURN)));
  }
  return done;
}

/** Runs steps to their end; each `yield` is a turn. */
export async function stepInTurns<R>(steps: Generator<void, R>): Promise<R> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await nextTurn();
  }
}

/** Runs steps to their end at once. */
export function stepAtOnce<R>(steps: Generator<void, R>): R {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
