// SPDX-License-Identifier: Apache-2.0
// Reads Prometheus's text format by itself, so that what is exported is judged by other code than what exports it.

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Exposition {
  readonly types: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/gy;

/** Every sample of a scrape. Throws on a line that is none. */
export function parseExposition(text: string): Exposition {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, type, kind] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (type !== undefined && kind !== undefined) types.set(type, kind);
    if (line.startsWith('#')) continue;
    const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`no sample: ${line}`);
    samples.push({
      name,
      labels: readLabels(labels),
      value: Number(value.replace('Inf', 'Infinity')),
    });
  }
  return { types, samples };
}

function readLabels(text: string): Record<string, string> {
  const pairs = [...text.matchAll(LABEL)];
  if (pairs.reduce((sum, [whole]) => sum + whole.length, 0) !== text.length) {
    throw new Error(`no labels: ${text}`);
  }
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value]));
}
