// SPDX-License-Identifier: Apache-2.0
// The computations that issuing many licences is made of: plain data in, plain data out, no clock, no store. Done here, or
// in a thread of their own (work-thread.ts) while this one answers requests. test/suites/work.ts is the behaviour of both.
import { draftCopies } from '@zhenglian/core/copy';
import type { CopyOrder } from '@zhenglian/core/copy';
import { fitRows } from '../imports/fit-rows.ts';
import type { FitOrder, FittedRows } from '../imports/fit-rows.ts';
import { openBulkSigner } from '../signing/bulk-signer.ts';
import type { OpenBulkSigner } from '../signing/bulk-signer.ts';
import { inTurns, stepInTurns } from '../turns.ts';

/** Copies that one key is to sign. */
export interface PayloadOrder {
  readonly orders: readonly CopyOrder[];
  /** 8 bytes. */
  readonly kid: Uint8Array;
}

/** Who computes. */
export interface Work {
  /** Holds the rows of a stored chunk against their type. @throws SHAPE_INVALID, CBOR_* */
  fitRows(order: FitOrder): Promise<FittedRows>;
  /** The payloads to be signed, in the order of the copies. */
  payloads(order: PayloadOrder): Promise<readonly Uint8Array[]>;
  readonly openSigner: OpenBulkSigner;
  close(): Promise<void>;
}

/** Computes in this thread. */
export function createLocalWork(): Work {
  return {
    fitRows: (order) => stepInTurns(fitRows(order)),
    payloads: ({ orders, kid }) => inTurns(orders, (some) => payloadsOf({ orders: some, kid })),
    openSigner: openBulkSigner,
    close: () => Promise.resolve(),
  };
}

/** The payloads of copies, their trees hashed together. */
export function payloadsOf({ orders, kid }: PayloadOrder): readonly Uint8Array[] {
  return draftCopies(orders, kid).map(({ payload }) => payload);
}
