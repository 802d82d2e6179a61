// SPDX-License-Identifier: Apache-2.0
// An independent count of what is anchored: read from the blocks alone, with nothing of the gateway that put it there.
import { expect } from 'chai';
import { voidArgument } from '@zhenglian/core/anchor';
import { toHex } from '@zhenglian/core/bytes';
import { decodeCbor } from '@zhenglian/core/cbor';
import { provinceRequest } from '@zhenglian/core/records/province-request';
import type { BlockTransaction, Ledger } from '@zhenglian/network/ledger';

/** Anchored arguments (hex) by `epoch/index` of an authority, without void ones. Fails for an index that is there twice or out of order. */
export async function readAnchored(ledger: Ledger, uscc: string): Promise<Map<string, string>> {
  const leaves = new Map<string, string>();
  const ends = new Map<number, number>();
  for await (const { args } of batchesOf(ledger)) {
    const [request = new Uint8Array(), joined = new Uint8Array()] = args;
    const batch = provinceRequest.SubmitBatch(decodeCbor(request));
    if (batch.uscc !== uscc) continue;
    expect(batch.first).to.equal(ends.get(batch.epoch) ?? 0);
    ends.set(batch.epoch, batch.first + batch.count);
    for (let i = 0; i < batch.count; i += 1) {
      const argument = toHex(joined.slice(32 * i, 32 * i + 32));
      if (argument === VOID) continue;
      leaves.set(`${String(batch.epoch)}/${String(batch.first + i)}`, argument);
    }
  }
  return leaves;
}

const VOID = toHex(voidArgument());

/** Valid SubmitBatch transactions of all blocks there are. */
async function* batchesOf(ledger: Ledger): AsyncIterable<BlockTransaction> {
  const height = await ledger.height();
  const stop = new AbortController();
  for await (const block of ledger.blocks(0, stop.signal)) {
    yield* block.transactions.filter(({ code, name }) => code === 0 && name === 'SubmitBatch');
    if (block.number + 1 >= height) break;
  }
  stop.abort();
}
