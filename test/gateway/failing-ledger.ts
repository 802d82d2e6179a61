// SPDX-License-Identifier: Apache-2.0
// A real ledger whose calls or answers are lost where a test wants it.
import type { CodedError } from '@zhenglian/core/errors';
import type { Call, Committed, Ledger } from '@zhenglian/network/ledger';

/** A ledger that fails as told: before a call reaches it, or after it was done; or that lies. */
export interface FailingLedger extends Ledger {
  /** What a peer says of a transaction that it never ordered. */
  instead: (call: Call) => Committed | undefined | Promise<Committed | undefined>;
  before: (call: Call) => CodedError | undefined | Promise<CodedError | undefined>;
  after: (call: Call) => CodedError | undefined;
}

/** Wraps a ledger; until told otherwise nothing is lost. */
export function failingLedger(ledger: Ledger): FailingLedger {
  const wrapped: FailingLedger = {
    msp: ledger.msp,
    instead: () => undefined,
    before: () => undefined,
    after: () => undefined,
    async submit(call) {
      const before = await wrapped.before(call);
      if (before !== undefined) throw before;
      const lie = await wrapped.instead(call);
      if (lie !== undefined) return lie;
      const committed = await ledger.submit(call);
      const after = wrapped.after(call);
      if (after !== undefined) throw after;
      return committed;
    },
    async evaluate(call, msp) {
      const before = await wrapped.before(call);
      if (before !== undefined) throw before;
      return ledger.evaluate(call, msp);
    },
    evaluateCosigned: (call, msps) => ledger.evaluateCosigned(call, msps),
    blocks: (from, signal) => ledger.blocks(from, signal),
    status: (id) => ledger.status(id),
    height: () => ledger.height(),
    close: () => ledger.close(),
  };
  return wrapped;
}
