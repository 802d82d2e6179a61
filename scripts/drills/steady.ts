// SPDX-License-Identifier: Apache-2.0
// Calls that go on while the network is broken: made again after what says that nothing is in the chain, never after an unknown outcome.
import { setTimeout as sleep } from 'node:timers/promises';
import { isCodedError } from '@zhenglian/core/errors';
import type { Committed, Call, Ledger } from '@zhenglian/network/ledger';
import { STUCK_MS } from './drill.ts';

/** Nothing of the transaction is in the chain, and another try may do. */
const NOTHING_DONE = [
  ...['LEDGER_UNAVAILABLE', 'ENDORSEMENT_MISMATCH', 'MVCC_CONFLICT', 'PHANTOM_CONFLICT'],
  'TIME_BACKWARDS',
] as const;
const PAUSE_MS = 200;

/** Tells whether an error says: not in the chain, try again. */
export function isNothingDone(error: unknown): boolean {
  return NOTHING_DONE.some((code) => isCodedError(error, code));
}

/** A ledger whose submits and questions are made again while nothing was done. */
export function steady(ledger: Ledger): Ledger {
  return {
    msp: ledger.msp,
    submit: (call) => persist(() => ledger.submit(call)),
    evaluate: (call, msp) => persist(() => ledger.evaluate(call, msp)),
    evaluateCosigned: (call, msps) => persist(() => ledger.evaluateCosigned(call, msps)),
    blocks: (from, signal) => ledger.blocks(from, signal),
    status: (id) => persist(() => ledger.status(id)),
    height: () => persist(() => ledger.height()),
    close: () => ledger.close(),
  };
}

/** Submits a record that can be there once only: however often it took, it is there. */
export async function submitOnce(ledger: Ledger, call: Call): Promise<Committed | undefined> {
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await steady(ledger).submit(call);
    } catch (error) {
      if (!isFirst && isCodedError(error, 'EXISTS')) return undefined;
      if (!isCodedError(error, 'COMMIT_UNKNOWN')) throw error;
    }
  }
}

/** Waits until it is so. @throws Error when the machine seems stuck */
export async function until(
  what: string,
  isSo: () => Promise<boolean> | boolean,
  pause = PAUSE_MS,
): Promise<void> {
  const end = Date.now() + STUCK_MS;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`waited in vain for: ${what}`);
    await sleep(pause);
  }
}

/** Waits a time, unless the drill is to end now. @throws AbortError */
export async function pause(
  { signal }: { readonly signal: AbortSignal },
  ms: number,
): Promise<void> {
  await sleep(Math.max(0, ms), undefined, { signal });
}

async function persist<T>(act: () => Promise<T>): Promise<T> {
  const end = Date.now() + STUCK_MS;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!isNothingDone(error) || Date.now() > end) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
