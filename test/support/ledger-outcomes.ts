// SPDX-License-Identifier: Apache-2.0
// What tests of ledgers look at: blocks, refusals, codes.
import { expect } from 'chai';
import { isCodedError } from '@zhenglian/core/errors';
import type { ErrorCode } from '@zhenglian/core/errors';
import type { Block, Ledger } from '../../network/ledger.ts';

/** The first blocks from a height on. */
export async function take(ledger: Ledger, from: number, count: number): Promise<Block[]> {
  const stop = new AbortController();
  const blocks: Block[] = [];
  if (count === 0) return blocks;
  for await (const block of ledger.blocks(from, stop.signal)) {
    blocks.push(block);
    if (blocks.length === count) stop.abort();
  }
  return blocks;
}

/** Waits for a rejection with this code. */
export async function refused(promise: Promise<unknown>, code: ErrorCode): Promise<void> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(codeOf(error), String(error)).to.equal(code);
}

export function codeOf(error: unknown): string {
  return isCodedError(error) ? error.code : `no coded error: ${String(error)}`;
}
