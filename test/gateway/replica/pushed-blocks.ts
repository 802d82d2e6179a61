// SPDX-License-Identifier: Apache-2.0
// Blocks of one epoch, put on a ledger that a test scripts: the epoch, batches and statuses.
import { anchorRoot } from '@zhenglian/core/anchor';
import { concat } from '@zhenglian/core/bytes';
import type { Block } from '@zhenglian/network/ledger';
import { transaction } from '../fake-ledger.ts';
import type { FakeLedger } from '../fake-ledger.ts';

/** Whose epoch 1 it is. */
export const USCC = '11440100MB2C000012';
const KID = new Uint8Array(8).fill(1);
const SIGNATURE = new Uint8Array(64);

export const leaf = (n: number) => new Uint8Array(32).fill(n);

export interface PushedBatch {
  readonly n: number;
  readonly first: number;
  readonly leaves: readonly Uint8Array[];
  /** As the peer judged the transaction; 0, valid, unless given. */
  readonly code?: number;
}

/** Each pushes one block and gives it. */
export const pushed = {
  epoch: (ledger: FakeLedger): Block =>
    ledger.push(transaction('zl-p44', 'OpenEpoch', { uscc: USCC, epoch: 1, instance: 'a' })),
  batch(ledger: FakeLedger, { n, first, leaves, code = 0 }: PushedBatch): Block {
    const place = { uscc: USCC, epoch: 1, n, first, count: leaves.length };
    const content = { ...place, root: anchorRoot(leaves), type: 'driving', kid: KID };
    const rest = { leaves: concat(...leaves), code };
    const request = { ...content, signature: SIGNATURE };
    return ledger.push(transaction('zl-p44', 'SubmitBatch', request, rest));
  },
  status(
    ledger: FakeLedger,
    { index, state, seq }: { readonly index: number; readonly state: string; readonly seq: number },
  ): Block {
    const change = {
      ...{ uscc: USCC, epoch: 1, n: 0, index, state, class: 'lost', commitment: leaf(9) },
      ...{ time: 1_800_000_000 + seq, seq, kid: KID, signature: SIGNATURE },
    };
    return ledger.push(transaction('zl-p44', 'SetStatuses', { changes: [change] }));
  },
};
