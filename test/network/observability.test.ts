// SPDX-License-Identifier: Apache-2.0
// The dashboard and the alert rules name only what a gateway exports: metrics, labels, and words that a label can say.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { load } from 'js-yaml';
import { z } from 'zod';
import { createMetrics } from '../../gateway/src/metrics.ts';
import { peer } from '../../network/protos.ts';
import { LABELS, METRICS } from '../../gateway/src/observing/metric-table.ts';
import { parseExposition } from '../support/exposition.ts';
import { ROOT } from '../house/source-files.ts';

const FOLDER = join(ROOT, 'network/observability');
/** Prometheus's own, and what a scrape adds. */
const FOREIGN_METRICS = ['up'];
const FOREIGN_LABELS = ['instance', 'job', 'le'];

const rulesFile = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^[A-Z][A-Za-z]+$/),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+[smh]$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.strictObject({ summary: z.string().min(20) }),
        }),
      ),
    }),
  ),
});
const dashboardFile = z.looseObject({
  uid: z.string(),
  panels: z.array(
    z.looseObject({
      title: z.string(),
      targets: z.array(z.looseObject({ expr: z.string(), legendFormat: z.string() })).optional(),
    }),
  ),
});

describe('network: what operators are shown', () => {
  const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
  const rules = rulesFile.parse(load(read('alerts.yaml'))).groups.flatMap((group) => group.rules);
  const panels = dashboardFile.parse(JSON.parse(read('dashboard.json'))).panels;
  const expressions = [
    ...rules.map(({ alert, expr }) => [alert, expr] as const),
    ...panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => [title, expr] as const),
    ),
  ];
  let exported: ReadonlyMap<string, string>;

  before(async () => {
    exported = parseExposition(await createMetrics({ process: true }).text()).types;
  });

  it('names only metrics that a gateway exports, and every histogram by its parts', () => {
    expect(expressions.length).to.be.greaterThan(40);
    for (const [place, expr] of expressions) {
      const names = metricsIn(expr);
      expect(names, `${place}: ${expr}`).to.not.be.empty;
      for (const name of names) expect(isExported(name), `${place}: ${name}`).to.equal(true);
    }
  });

  const isExported = (name: string) => {
    const base = name.replace(/_(?:bucket|sum|count)$/, '');
    return (
      FOREIGN_METRICS.includes(name) ||
      (exported.has(name) && exported.get(name) !== 'histogram') ||
      (base !== name && exported.get(base) === 'histogram')
    );
  };

  it('selects and groups only by labels there are, by words they can say', () => {
    const known = [...FOREIGN_LABELS, ...Object.keys(LABELS)];
    for (const [place, expr] of expressions) {
      for (const { label, words } of selectorsIn(expr)) {
        if (FOREIGN_LABELS.includes(label)) continue;
        const pattern = Object.entries(LABELS).find(([name]) => name === label)?.[1];
        for (const each of words) {
          expect(pattern?.test(each), `${place}: ${label} ${each}`).to.equal(true);
        }
      }
      for (const [, list = ''] of expr.matchAll(/\b(?:by|on|without) ?\(([^)]*)\)/g)) {
        for (const label of list.split(',').map((each) => each.trim())) {
          expect(known, `${place}: by ${label}`).to.include(label);
        }
      }
    }
  });

  it('shows every metric of ours on the dashboard', () => {
    const shown = new Set(
      panels
        .flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => metricsIn(expr)))
        .map((name) => name.replace(/^zhenglian_/, '').replace(/_(?:bucket|sum|count)$/, '')),
    );
    const missing = Object.keys(METRICS).filter((name) => !shown.has(name));
    expect(missing).to.deep.equal([]);
  });

  it('has a line in docs/operations.md for every alert', () => {
    const text = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
    for (const { alert } of rules) expect(text, alert).to.include(`| ${alert} |`);
  });
});

/** What real nodes exported while drills ran (test/vectors/fabric/README.md). */
const recordedMetrics = z.record(
  z.string(),
  z.object({ type: z.string(), labels: z.record(z.string(), z.array(z.string())) }),
);
const recordedFile = z.object({
  fabric: z.string(),
  orderers: recordedMetrics,
  peers: recordedMetrics,
});
const NODE_JOBS = ['zhenglian-orderers', 'zhenglian-peers'];

describe('network: what operators of Fabric nodes are shown', () => {
  const rules = rulesFile
    .parse(load(readFileSync(join(FOLDER, 'alerts-fabric.yaml'), 'utf8')))
    .groups.flatMap((group) => group.rules);
  const recorded = recordedFile.parse(
    JSON.parse(readFileSync(join(ROOT, 'test/vectors/fabric/metrics.json'), 'utf8')),
  );
  const known = new Map([...Object.entries(recorded.orderers), ...Object.entries(recorded.peers)]);
  const find = (name: string) => {
    const whole = known.get(name);
    if (whole) return whole.type === 'histogram' ? undefined : whole;
    const base = known.get(name.replace(/_(?:bucket|sum|count)$/, ''));
    return base?.type === 'histogram' ? base : undefined;
  };

  it('names only metrics that nodes of 3.1 exported, and every histogram by its parts', () => {
    expect(recorded.fabric).to.match(/^v3\.1\./);
    expect(rules.length).to.be.greaterThan(15);
    for (const { alert, expr } of rules) {
      const names = metricsIn(expr);
      expect(names, alert).to.not.be.empty;
      for (const name of names.filter((each) => !FOREIGN_METRICS.includes(each))) {
        expect(find(name), `${alert}: ${name}`).to.not.equal(undefined);
      }
    }
  });

  it('selects, groups and tells only by labels that its metrics have, by words they can say', () => {
    const validationCodes = Object.keys(peer.TxValidationCode);
    for (const { alert, expr, annotations } of rules) {
      const own = metricsIn(expr).map((name) => find(name)?.labels ?? {});
      const labels = [...FOREIGN_LABELS, ...own.flatMap((each) => Object.keys(each))];
      for (const { label, words } of selectorsIn(expr)) {
        expect(labels, alert).to.include(label);
        const seen = own.flatMap((each) => each[label] ?? []);
        const sayable = [
          ...seen,
          ...NODE_JOBS,
          ...(label === 'validation_code' ? validationCodes : []),
        ];
        for (const word of words) expect(sayable, `${alert}: ${label}`).to.include(word);
      }
      const grouped = [...expr.matchAll(/\b(?:by|on) ?\(([^)]*)\)/g)].flatMap(([, list = '']) =>
        list.split(',').map((each) => each.trim()),
      );
      const told = [...annotations.summary.matchAll(/\$labels\.(\w+)/g)].map(
        ([, name = '']) => name,
      );
      for (const label of [...grouped, ...told]) expect(labels, alert).to.include(label);
    }
  });

  it('tells only what an aggregation has left, and has balanced brackets', () => {
    for (const { alert, expr, annotations } of rules) {
      for (const [open, close] of ['()', '{}', '[]']) {
        expect(expr.split(open ?? '').length, alert).to.equal(expr.split(close ?? '').length);
      }
      const [, first] = /^(?:sum|max|count) by \(([^)]*)\)/.exec(expr) ?? [];
      if (first === undefined || expr.includes('group_right')) continue;
      for (const [, label = ''] of annotations.summary.matchAll(/\$labels\.(\w+)/g)) {
        expect(first.split(', '), alert).to.include(label);
      }
    }
  });

  it('has a line in docs/operations.md for every alert', () => {
    const text = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
    for (const { alert } of rules) expect(text, alert).to.include(`| ${alert} |`);
  });
});

/** What labels are held against in an expression. */
function selectorsIn(expr: string): { readonly label: string; readonly words: string[] }[] {
  const found = expr.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g);
  return [...found].map(([, label = '', operator = '', word = '']) => ({
    label,
    words: operator.includes('~') ? word.split('|') : [word],
  }));
}

/** Names in an expression that are no function, keyword, label, word or number. */
function metricsIn(expr: string): string[] {
  const bare = expr
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/\b(?:by|on|without) ?\([^)]*\)/g, '');
  const words = [...bare.matchAll(/[a-zA-Z_][a-zA-Z0-9_]*(?!\w*\s*\()/g)].map(([word]) => word);
  return words.filter((word) => !/^(?:and|or|unless|bool|e\d*)$/.test(word));
}
