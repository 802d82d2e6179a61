// SPDX-License-Identifier: Apache-2.0
// A command that works on a network may be told to stop: its waits and its steps then end with the signal's reason, and what it started is ended.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Layout } from './layout.ts';

/** Begins a step. @throws the signal's reason once the command is to stop */
export function goOn({ signal }: Pick<Layout, 'signal'>): void {
  signal?.throwIfAborted();
}

/** Waits a moment before another look. @throws the signal's reason once the command is to stop */
export async function pause(layout: Pick<Layout, 'signal'>, ms: number): Promise<void> {
  goOn(layout);
  await sleep(ms);
  goOn(layout);
}

/** Why a command failed: that it was told to stop comes before what came of that. */
export function reasonOf({ signal }: Pick<Layout, 'signal'>, error: unknown): unknown {
  return signal?.aborted ? signal.reason : error;
}
