// SPDX-License-Identifier: Apache-2.0
// The regulator's calls (docs/api.md §5): counts of the ledger, one licence's trail with its proofs.
import { call } from './http.ts';
import type { Purpose } from './http.ts';
import * as json from './json.ts';

const role = 'regulator';

const entryShape = json.record({
  n: json.number,
  at: json.number,
  kind: json.text,
  actor: json.text,
  /** A licence's handle, or a copy as kid-epoch-index. */
  subject: json.optional(json.text),
  outcome: json.text,
  purpose: json.optional(json.text),
  detail: json.dictionary(json.fact),
  hash: json.text,
  proof: json.optional(json.record({ root: json.text, transactionId: json.text })),
});
const ledgerShape = json.record({
  kind: json.text,
  copy: json.text,
  blockNumber: json.number,
  transactionId: json.text,
  at: json.number,
  detail: json.dictionary(json.fact),
});
const trailShape = json.record({
  msp: json.text,
  entries: json.list(entryShape),
  ledger: json.list(ledgerShape),
});
const gatheredShape = json.record({
  provinces: json.list(
    json.record({
      msp: json.text,
      trail: json.optional(trailShape),
      checked: json.oneOf('proven', 'pending', 'BROKEN'),
      problem: json.optional(json.text),
    }),
  ),
});
/** The regulator's gateway gathers trails; a province's gives its own. */
const traceShape = (value: unknown, path: string) =>
  typeof value === 'object' && value !== null && 'provinces' in value
    ? gatheredShape(value, path)
    : trailShape(value, path);
const countsShape = json.record({
  height: json.number,
  networkId: json.text,
  organisations: json.number,
  authorities: json.number,
  keys: json.number,
  epochs: json.number,
  batches: json.number,
  statuses: json.number,
  age: json.number,
});

export type TrailEntry = json.Read<typeof entryShape>;
export type LedgerEntry = json.Read<typeof ledgerShape>;
export type LedgerCounts = json.Read<typeof countsShape>;
/** One province's trail, and whether its proofs were checked against the regulator's own replica. */
export interface ProvinceTrail {
  readonly msp: string;
  readonly checked: 'proven' | 'pending' | 'BROKEN' | 'own';
  readonly problem?: string | undefined;
  readonly entries: readonly TrailEntry[];
  readonly ledger: readonly LedgerEntry[];
}

/** Counts of the ledger. @throws GatewayProblem, PageError */
export function ledgerCounts(): Promise<LedgerCounts> {
  return call({ path: 'ledger', role }, countsShape);
}

/** A licence's trail in every province that has one; a province's own gateway gives its own. @throws GatewayProblem, PageError */
export async function trailOf(
  licence: string,
  purpose: Purpose,
): Promise<readonly ProvinceTrail[]> {
  const trace = await call({ path: 'trace', role, purpose, query: { licence } }, traceShape);
  if (!('provinces' in trace)) return [{ ...trace, checked: 'own' }];
  return trace.provinces.map(({ msp, checked, trail, problem }) => ({
    msp,
    checked,
    problem,
    entries: trail?.entries ?? [],
    ledger: trail?.ledger ?? [],
  }));
}
