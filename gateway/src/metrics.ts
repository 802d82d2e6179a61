// SPDX-License-Identifier: Apache-2.0
// Metrics; the only place that knows prom-client. What there is to count and what labels may say: observing/metric-table.ts.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { labelWord, METRIC_PREFIX, METRICS } from './observing/metric-table.ts';
import type {
  CounterName,
  GaugeName,
  HistogramName,
  LabelName,
  LabelsOf,
  MetricName,
} from './observing/metric-table.ts';

/** Counts and measures; cheap enough for every request. */
export interface Metrics {
  count<N extends CounterName>(name: N, labels: LabelsOf<N>, by?: number): void;
  observe<N extends HistogramName>(name: N, labels: LabelsOf<N>, value: number): void;
  /** Values of a gauge as of a scrape; those it does not give are gone. */
  gauge(name: GaugeName, read: GaugeReader): void;
  /** All of them in Prometheus's text format. */
  text(): Promise<string>;
  /** Media type of the text. */
  readonly contentType: string;
}

/** One value of a gauge. */
export type GaugeValue = readonly [labels: Readonly<Record<string, string>>, value: number];
export type GaugeReader = () => readonly GaugeValue[] | Promise<readonly GaugeValue[]>;

/** Values of a label at most; what comes after them is `other`: an office has few types and authorities. */
const MOST_VALUES = 200;

/** Metrics of one gateway. With `process` also those of Node itself: memory, processor, event loop, garbage. */
export function createMetrics(options: { readonly process: boolean }): Metrics {
  const registry = new Registry();
  const seen = new Map<string, Set<string>>();
  if (options.process)
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
  const common = (name: MetricName) => ({
    name: METRIC_PREFIX + name,
    help: METRICS[name].help,
    labelNames: [...METRICS[name].labels],
    registers: [registry],
  });
  const ofKind = (kind: string) =>
    Object.keys(METRICS)
      .filter(isMetricName)
      .filter((name) => METRICS[name].kind === kind);
  const counters = new Map(ofKind('counter').map((name) => [name, new Counter(common(name))]));
  const histograms = new Map(
    ofKind('histogram').map((name) => {
      const row = METRICS[name];
      const buckets = 'buckets' in row ? [...row.buckets] : [];
      return [name, new Histogram({ ...common(name), buckets })];
    }),
  );
  const gauges = new Map(ofKind('gauge').map((name) => [name, new Gauge(common(name))]));
  const readers = new Map<MetricName, () => Promise<void>>();

  /** Words of a closed form, and of each label no more than a number of them. */
  const clean = (name: MetricName, labels: Readonly<Record<string, string>>) => {
    const words: Record<string, string> = {};
    for (const label of METRICS[name].labels as readonly LabelName[]) {
      const word = labelWord(label, labels[label] ?? '');
      const known = seen.get(label) ?? new Set<string>();
      seen.set(label, known);
      words[label] = known.has(word) || known.size < MOST_VALUES ? word : 'other';
      known.add(words[label]);
    }
    return words;
  };
  return {
    contentType: registry.contentType,
    count: (name, labels, by = 1) => counters.get(name)?.inc(clean(name, labels), by),
    observe: (name, labels, value) => histograms.get(name)?.observe(clean(name, labels), value),
    gauge(name, read) {
      const gauge = gauges.get(name);
      readers.set(name, async () => {
        const values = await read();
        gauge?.reset();
        for (const [labels, value] of values) gauge?.set(clean(name, labels), value);
      });
    },
    async text() {
      await Promise.all([...readers.values()].map((read) => read().catch(() => undefined)));
      return registry.metrics();
    },
  };
}

function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name);
}
