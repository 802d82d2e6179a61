// SPDX-License-Identifier: Apache-2.0
// Parts of a gateway that tell what they do: the same interfaces, counted and in spans. Whoever uses them knows nothing of it.
import { isCodedError } from '@zhenglian/core/errors';
import type { Ledger } from '@zhenglian/network/ledger';
import type { Metrics } from '../metrics.ts';
import type { AuthoritySigner } from '../signer.ts';
import type { Table } from '../store/table.ts';
import type { Trace, TraceAct } from '../trace/trace.ts';
import type { Tracing } from './tracing.ts';

/** Where parts tell it. */
export interface Observers {
  readonly metrics: Metrics;
  readonly tracing: Tracing;
}

/** A table whose writes are timed; `refused` is told of each that failed. */
export function observeTable(
  name: string,
  table: Table,
  { metrics, tracing }: Observers,
  refused: (error: unknown) => void = () => undefined,
): Table {
  const labels = { table: name };
  return {
    get: (key) => table.get(key),
    getMany: (keys) => table.getMany(keys),
    range: (range) => table.range(range),
    write: (changes) =>
      tracing.span('store write', { table: name, count: changes.length }, async () => {
        if (changes.length === 0) return;
        const begun = performance.now();
        try {
          await table.write(changes);
        } catch (error) {
          // Another was first: an answer, not a failure.
          if (!isCodedError(error, 'CONFLICT')) {
            metrics.count('store_write_failures_total', labels);
            refused(error);
          }
          throw error;
        }
        metrics.observe('store_write_seconds', labels, secondsSince(begun));
      }),
  };
}

/** A ledger whose transactions are timed, by the contract's function. */
export function observeLedger(ledger: Ledger, { metrics, tracing }: Observers): Ledger {
  return {
    msp: ledger.msp,
    submit: (call) =>
      tracing.span('ledger submit', { function: call.name }, async () => {
        const begun = performance.now();
        const told = (outcome: string) =>
          metrics.observe(
            'ledger_call_seconds',
            { function: call.name, outcome },
            secondsSince(begun),
          );
        try {
          const committed = await ledger.submit(call);
          told('done');
          return committed;
        } catch (error) {
          told(isCodedError<string>(error) ? error.code : 'INTERNAL');
          throw error;
        }
      }),
    evaluate: (call, msp) => ledger.evaluate(call, msp),
    evaluateCosigned: (call, msps) => ledger.evaluateCosigned(call, msps),
    blocks: (from, signal) => ledger.blocks(from, signal),
    status: (transactionId) => ledger.status(transactionId),
    height: () => ledger.height(),
    close: () => ledger.close(),
  };
}

/** A trace whose entries are counted once they are durable. */
export function observeTrace(trace: Trace, metrics: Metrics): Trace {
  return {
    async append(...acts) {
      await trace.append(...acts);
      for (const act of acts) countAct(metrics, act);
    },
    entriesOf: (subjects) => trace.entriesOf(subjects),
    anchor: () => trace.anchor(),
    pending: () => trace.pending(),
    troubles: () => trace.troubles(),
    close: () => trace.close(),
  };
}

/** A signer whose signatures are counted. */
export function observeSigner(
  signer: AuthoritySigner,
  { metrics, tracing }: Observers,
): AuthoritySigner {
  const { uscc: authority } = signer;
  return {
    ...signer,
    sign: (contents) =>
      tracing.span('sign', { authority, count: contents.length }, async () => {
        const signatures = await signer.sign(contents);
        for (const { purpose } of contents)
          metrics.count('signatures_total', { authority, purpose });
        return signatures;
      }),
  };
}

/** What an act of the trace means in numbers. */
function countAct(metrics: Metrics, { kind, outcome, detail = {} }: TraceAct): void {
  metrics.count('acts_total', { kind, outcome: kind === 'verification' ? 'done' : outcome });
  const type = String(detail.type);
  if (kind === 'anchor') {
    const copies = Number(detail.count);
    metrics.count('batches_anchored_total', { type });
    metrics.count('copies_anchored_total', { type }, copies);
    metrics.observe('batch_copies', {}, copies);
  } else if (kind === 'verification') {
    const reason = detail.reason === undefined ? 'none' : String(detail.reason);
    metrics.count('verdicts_total', { verdict: outcome, reason });
  } else if (kind === 'recognition') metrics.count('recognitions_total', { outcome });
}

function secondsSince(begun: number): number {
  return (performance.now() - begun) / 1000;
}
