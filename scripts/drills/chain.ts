// SPDX-License-Identifier: Apache-2.0
// What the chain itself holds, read from a peer's blocks alone: the independent check of every drill.
import { anchorRoot } from '@zhenglian/core/anchor';
import { equals } from '@zhenglian/core/bytes';
import { decodeCbor } from '@zhenglian/core/cbor';
import { provinceRequest } from '@zhenglian/core/records/province-request';
import type { SubmitBatchRequest } from '@zhenglian/core/records/province-request';
import type { BlockTransaction, Ledger } from '@zhenglian/network/ledger';

/** A transaction of the chain, valid or not. */
export interface ChainTransaction extends BlockTransaction {
  readonly blockNumber: number;
}

/** A valid batch with the leaves that its block holds. */
export interface ChainBatch extends SubmitBatchRequest {
  readonly leaves: readonly Uint8Array[];
  readonly blockNumber: number;
}

const LEAF_BYTES = 32;

/** Transactions of all blocks from one on, up to the height that the ledger tells now. */
export async function readTransactions(ledger: Ledger, from: number): Promise<ChainTransaction[]> {
  const last = (await ledger.height()) - 1;
  const found: ChainTransaction[] = [];
  if (from > last) return found;
  const stop = new AbortController();
  for await (const { number, transactions } of ledger.blocks(from, stop.signal)) {
    found.push(...transactions.map((each) => ({ ...each, blockNumber: number })));
    if (number >= last) break;
  }
  stop.abort();
  return found;
}

/** Valid batches among transactions. @throws Error when the leaves of a block are not those of its root */
export function batchesOf(transactions: readonly ChainTransaction[]): ChainBatch[] {
  return transactions
    .filter(({ code, name }) => code === 0 && name === 'SubmitBatch')
    .map(({ args, blockNumber }) => {
      const request = provinceRequest.SubmitBatch(decodeCbor(args[0] ?? new Uint8Array(0)));
      const leaves = splitLeaves(args[1] ?? new Uint8Array(0));
      if (leaves.length !== request.count || !equals(anchorRoot(leaves), request.root)) {
        throw new Error(`block ${String(blockNumber)} holds other leaves than its batch says`);
      }
      return { ...request, leaves, blockNumber };
    });
}

function splitLeaves(bytes: Uint8Array): Uint8Array[] {
  const count = Math.floor(bytes.length / LEAF_BYTES);
  return Array.from({ length: count }, (_, i) =>
    bytes.subarray(i * LEAF_BYTES, (i + 1) * LEAF_BYTES),
  );
}
