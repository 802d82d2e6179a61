// SPDX-License-Identifier: Apache-2.0
// The computations that issuing many licences is made of: plain data in, plain data out, no clock, no store. Done here, or
// in a thread of their own (work-thread.ts) while this one answers requests. test/suites/work.ts is the behaviour of both.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sm2 } from '@zhenglian/guomi';
import { draftCopies } from '@zhenglian/core/copy';
import type { CopyOrder } from '@zhenglian/core/copy';
import { fitRows } from '../imports/fit-rows.ts';
import type { FitOrder, FittedRows } from '../imports/fit-rows.ts';

/** Copies that one key is to sign. */
export interface PayloadOrder {
  readonly orders: readonly CopyOrder[];
  /** 8 bytes. */
  readonly kid: Uint8Array;
}

/** A key that signs many messages. */
export interface BulkSigner {
  /** One signature of 64 bytes a message, in their order: all of them or an error. @throws GuomiError as `sm2.Signer` */
  signBatch(messages: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
  /** Forgets the key. */
  close(): void;
}

/** Who computes. */
export interface Work {
  /** Holds the rows of a stored chunk against their type. @throws SHAPE_INVALID, CBOR_* */
  fitRows(order: FitOrder): Promise<FittedRows>;
  /** The payloads to be signed, in the order of the copies. */
  payloads(order: PayloadOrder): Promise<readonly Uint8Array[]>;
  /** Takes a secret key of 32 bytes in. @throws GuomiError SECRET_KEY_INVALID */
  openSigner(secretKey: Uint8Array): BulkSigner;
  close(): Promise<void>;
}

/** Signatures, or trees, until others in this thread have their turn: a millisecond or two. */
const TURN = 32;

/** Computes in this thread. */
export function createLocalWork(): Work {
  return {
    fitRows: (order) => Promise.resolve(order).then(fitRows),
    payloads: ({ orders, kid }) => inTurns(orders, (some) => payloadsOf({ orders: some, kid })),
    openSigner(secretKey) {
      const signer = sm2.createSigner(secretKey);
      return {
        signBatch: (messages) => inTurns(messages, signer.signBatch),
        close: signer.close,
      };
    },
    close: () => Promise.resolve(),
  };
}

/** The payloads of copies, their trees hashed together. */
export function payloadsOf({ orders, kid }: PayloadOrder): readonly Uint8Array[] {
  return draftCopies(orders, kid).map(({ payload }) => payload);
}

async function inTurns<T, R>(
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
