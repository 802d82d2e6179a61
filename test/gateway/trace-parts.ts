// SPDX-License-Identifier: Apache-2.0
// What a trace under test is made of: its parts over a ledger that a test scripts, an act, and the roots it sent.
import { decodeCbor } from '@zhenglian/core/cbor';
import { provinceRequest } from '@zhenglian/core/records/province-request';
import type { TraceRow } from '../../gateway/src/replica/replica-records.ts';
import type { TraceAct, TraceOptions } from '../../gateway/src/trace/trace.ts';
import { SILENT } from './fake-ledger.ts';
import type { FakeLedger } from './fake-ledger.ts';

/** What most acts are about. */
export const LICENCE = 'a'.repeat(32);
/** An act, with these parts changed. */
export const act = (over: Partial<TraceAct> = {}): TraceAct => ({
  kind: 'look-up',
  actor: 'officer-1',
  subject: LICENCE,
  outcome: 'done',
  purpose: 'audit',
  detail: { unmasked: false },
  ...over,
});

/** Parts of a trace that anchors when it is asked; `roots` are those the replica has. */
export function traceParts(
  ledger: FakeLedger,
  roots: ReadonlyMap<number, TraceRow> = new Map(),
): Omit<TraceOptions, 'db' | 'clock'> {
  return {
    ledger,
    replica: { traceRoot: (_msp, _instance, n) => Promise.resolve(roots.get(n)) },
    instance: 'gw-1',
    msp: 'P44',
    log: SILENT,
    every: { entries: 1_000_000, seconds: 3600 },
  };
}

/** The roots that were sent, each as often as it was. */
export function rootsSent({ submitted }: FakeLedger) {
  return submitted.map(({ request }) => provinceRequest.AnchorTrace(decodeCbor(request)));
}
