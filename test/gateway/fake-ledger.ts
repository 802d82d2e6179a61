// SPDX-License-Identifier: Apache-2.0
// A ledger that a test scripts: blocks it pushes, answers it sets. For faults that a real one does not have.
import { createHash } from 'node:crypto';
import { encodeCbor } from '@zhenglian/core/cbor';
import type { CborInput } from '@zhenglian/core/cbor';
import { CodedError } from '@zhenglian/core/errors';
import type { Block, BlockTransaction, Call, Committed, Ledger } from '@zhenglian/network/ledger';
import type { Log } from '../../gateway/src/log.ts';

export const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** A ledger under a test's hand. */
export interface FakeLedger extends Ledger {
  readonly chain: Block[];
  readonly submitted: Call[];
  /** Appends a block of these transactions. */
  push(...transactions: readonly Partial<BlockTransaction>[]): Block;
  /** What `submit` does; commits in a block of its own unless set. */
  onSubmit: ((call: Call) => Promise<Committed>) | undefined;
  onEvaluate: (call: Call) => Promise<Uint8Array>;
  reachable: boolean;
}

/** A transaction as a block holds it. */
export function transaction(
  chaincode: string,
  name: string,
  request: CborInput,
  rest: Partial<BlockTransaction> & { readonly leaves?: Uint8Array } = {},
): Partial<BlockTransaction> {
  const { leaves, ...others } = rest;
  const args = [encodeCbor(request), ...(leaves === undefined ? [] : [leaves])];
  return { chaincode, name, args, ...others };
}

/** An empty ledger of P44. */
export function fakeLedger(): FakeLedger {
  const chain: Block[] = [];
  const submitted: Call[] = [];
  let wake: (() => void)[] = [];
  const ledger: FakeLedger = {
    msp: 'P44',
    chain,
    submitted,
    reachable: true,
    onSubmit: undefined,
    onEvaluate: () => Promise.reject(new CodedError('NOT_FOUNDED', 'not founded')),
    push(...transactions) {
      const number = chain.length;
      const block: Block = {
        number,
        hash: hashOf(number),
        previousHash: number === 0 ? new Uint8Array() : hashOf(number - 1),
        transactions: transactions.map((each, i) => ({
          id: `tx-${String(number)}-${String(i)}`,
          code: 0,
          msp: 'P44',
          at: 1_800_000_000 + number,
          chaincode: 'zl-p44',
          name: '',
          args: [],
          ...each,
        })),
      };
      chain.push(block);
      for (const each of wake) each();
      wake = [];
      return block;
    },
    async submit(call) {
      submitted.push(call);
      if (ledger.onSubmit) return ledger.onSubmit(call);
      const { chaincode, name, request, extra = [] } = call;
      const block = ledger.push({ chaincode, name, args: [request, ...extra] });
      const transactionId = `tx-${String(block.number)}-0`;
      return Promise.resolve({ transactionId, blockNumber: block.number, result: request });
    },
    evaluate: (call) => ledger.onEvaluate(call),
    evaluateCosigned: () => Promise.reject(new CodedError('LEDGER_UNAVAILABLE', 'not here')),
    async *blocks(from, signal) {
      const isOver = () => signal.aborted;
      for (let next = from; !isOver(); next += 1) {
        while (chain[next] === undefined && !isOver()) {
          await new Promise<void>((resolve) => {
            wake.push(resolve);
            signal.addEventListener('abort', () => resolve(), { once: true });
          });
        }
        const block = chain[next];
        if (block !== undefined) yield block;
      }
    },
    status: () => Promise.resolve(undefined),
    height: () =>
      ledger.reachable
        ? Promise.resolve(chain.length)
        : Promise.reject(new CodedError('LEDGER_UNAVAILABLE', 'gone')),
    close: () => Promise.resolve(),
  };
  return ledger;
}

function hashOf(number: number): Uint8Array {
  return new Uint8Array(createHash('sha256').update(String(number)).digest());
}
