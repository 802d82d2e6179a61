// SPDX-License-Identifier: Apache-2.0
// Waiting that an abort cuts short, and whether it did.
import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after some milliseconds, or when the signal aborts. */
export async function pauseFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}

/** A signal may abort while we wait, which the compiler cannot see. */
export function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
