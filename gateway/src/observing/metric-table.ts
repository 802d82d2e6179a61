// SPDX-License-Identifier: Apache-2.0
// Every metric of a gateway: name, kind, and what each of its labels may say (docs/operations.md §19). A label says a
// word of a closed form; anything else becomes `other`, so that nothing personal and nothing chosen by a caller gets in.

/** What a label may say. */
export const LABELS = {
  method: /^(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)$/,
  /** Pattern of a route, never what was in its place. */
  route: /^(?:\/(?::?[a-zA-Z][a-zA-Z0-9.-]*)?)+$|^\(none\)$/,
  status: /^[1-5]xx$/,
  verdict: /^(?:VALID|REVOKED|SUSPENDED|INVALID|UNDETERMINED)$/,
  /** Code of the first check that did not pass. */
  reason: /^(?:[A-Z][A-Z0-9_]{1,47}|none)$/,
  code: /^[A-Z][A-Z0-9_]{1,47}$/,
  outcome: /^(?:done|recognised|refused|unknown|[A-Z][A-Z0-9_]{1,47})$/,
  kind: /^[a-z][a-z-]{0,31}$/,
  type: /^[a-z][a-z0-9-]{0,31}$/,
  /** An issuing bureau's code; it names no person. */
  authority: /^[0-9A-HJ-NPQRTUWXY]{18}$/,
  /** What a signature is for. */
  purpose: /^[a-z]{1,32}$/,
  state: /^[a-z][a-z-]{0,31}$/,
  function: /^[A-Z][A-Za-z]{0,47}$/,
  table: /^[a-z][a-z-]{0,31}$/,
} as const satisfies Record<string, RegExp>;

export type LabelName = keyof typeof LABELS;

/** One metric; buckets in seconds, or in copies. */
interface MetricRow {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly LabelName[];
  readonly buckets?: readonly number[];
}

const FAST = [0.001, 0.0025, 0.005, 0.01, 0.015, 0.03, 0.1, 0.3, 1, 3, 10];
const SLOW = [0.03, 0.1, 0.3, 1, 3, 10, 30, 60];

/** Names without the prefix `zhenglian_`. */
export const METRICS = {
  http_request_seconds: {
    kind: 'histogram',
    help: 'Requests by route pattern and class of status',
    labels: ['method', 'route', 'status'],
    buckets: FAST,
  },
  http_requests_in_flight: { kind: 'gauge', help: 'Requests being answered', labels: [] },
  problems_total: { kind: 'counter', help: 'Problems answered, by code', labels: ['code'] },
  denials_total: {
    kind: 'counter',
    help: 'Problems answered that refuse a caller (401, 403, 429), by code',
    labels: ['code'],
  },
  acts_total: { kind: 'counter', help: 'Entries of the trace', labels: ['kind', 'outcome'] },
  copies_accepted_total: {
    kind: 'counter',
    help: 'Copies accepted for issuing, one by one or in imports: stored, signed, waiting for their anchor',
    labels: ['type'],
  },
  signatures_total: {
    kind: 'counter',
    help: "Signatures made with an authority's key",
    labels: ['authority', 'purpose'],
  },
  copies_anchored_total: {
    kind: 'counter',
    help: 'Copies anchored on the ledger and released',
    labels: ['type'],
  },
  batches_anchored_total: { kind: 'counter', help: 'Batches anchored', labels: ['type'] },
  batch_copies: {
    kind: 'histogram',
    help: 'Copies of an anchored batch',
    labels: [],
    buckets: [1, 10, 100, 500, 1000, 2000, 5000, 10_000],
  },
  anchor_lag_seconds: {
    kind: 'histogram',
    help: 'From the acceptance of the first copy of a batch, or the start, to its release',
    labels: ['type'],
    buckets: [0.3, 1, 3, 10, 30, 60, 300, 1800],
  },
  queue_copies: {
    kind: 'gauge',
    help: 'Copies that wait for their anchor',
    labels: ['authority', 'type'],
  },
  queue_oldest_seconds: {
    kind: 'gauge',
    help: 'Wait of the copy that waits longest, from its acceptance or the start; 0 when none does',
    labels: ['authority', 'type'],
  },
  lease_room: {
    kind: 'gauge',
    help: 'Status indexes left in the open lanes of this instance',
    labels: ['authority', 'type'],
  },
  verdicts_total: {
    kind: 'counter',
    help: 'Verdicts, with the first reason that was no pass',
    labels: ['verdict', 'reason'],
  },
  recognitions_total: { kind: 'counter', help: 'Recognitions', labels: ['outcome'] },
  imports: { kind: 'gauge', help: 'Imports by state', labels: ['state'] },
  ledger_call_seconds: {
    kind: 'histogram',
    help: 'Transactions submitted, until their commit or failure',
    labels: ['function', 'outcome'],
    buckets: SLOW,
  },
  ledger_height: { kind: 'gauge', help: 'Blocks of the ledger, as last asked', labels: [] },
  replica_height: { kind: 'gauge', help: 'Blocks the replica has applied', labels: [] },
  replica_lag_blocks: { kind: 'gauge', help: 'Blocks the replica is behind', labels: [] },
  replica_level_age_seconds: {
    kind: 'gauge',
    help: 'Since the replica was last known to be level with the ledger',
    labels: [],
  },
  store_write_seconds: {
    kind: 'histogram',
    help: 'Durable writes of the store, by table',
    labels: ['table'],
    buckets: FAST,
  },
  store_write_failures_total: { kind: 'counter', help: 'Writes that failed', labels: ['table'] },
  store_healthy: { kind: 'gauge', help: '1 unless the last write was refused', labels: [] },
  store_free_bytes: { kind: 'gauge', help: 'Free space where the store is', labels: [] },
  trace_entries_pending: {
    kind: 'gauge',
    help: 'Entries of the trace under no root on the ledger yet',
    labels: [],
  },
  trace_roots_pending: {
    kind: 'gauge',
    help: 'Roots of the trace that were closed and are not on the ledger yet',
    labels: [],
  },
  ready: { kind: 'gauge', help: '1 when /readyz says so', labels: [] },
  trouble: { kind: 'gauge', help: '1 for each reason that /readyz gives', labels: ['code'] },
} as const satisfies Record<string, MetricRow>;

export type MetricName = keyof typeof METRICS;
type OfKind<K extends MetricRow['kind']> = {
  [N in MetricName]: (typeof METRICS)[N]['kind'] extends K ? N : never;
}[MetricName];
export type CounterName = OfKind<'counter'>;
export type GaugeName = OfKind<'gauge'>;
export type HistogramName = OfKind<'histogram'>;

/** Labels that a metric has, each with a word. */
export type LabelsOf<N extends MetricName> = Readonly<
  Record<(typeof METRICS)[N]['labels'][number], string>
>;

/** What every metric of ours is called by Prometheus. */
export const METRIC_PREFIX = 'zhenglian_';

/** The word as a label may say it. */
export function labelWord(name: LabelName, word: string): string {
  return LABELS[name].test(word) ? word : 'other';
}
