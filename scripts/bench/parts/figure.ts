// SPDX-License-Identifier: Apache-2.0
// A figure of ours beside peers' in the same process: best of interleaved rounds, so that the ratio holds where the
// absolute numbers do not.
import type { BenchRow, Must } from '../main.ts';

/** What one round does, and how much that is; `before` and `after` it the clock stands. */
export type Work = Readonly<{
  count: number;
  run: () => void;
  before?: () => void;
  after?: () => void;
}>;
/** A figure of ours beside those of others; the ratio is against OpenSSL unless told. */
export type Figure = Readonly<{
  figure: string;
  unit: string;
  ours: Work;
  peers: Readonly<Record<string, Work>>;
  against?: string;
  must?: Must;
}>;

/** Rounds of each; what must be fresh in every round is made so many times. */
export const ROUNDS = 7;

/** Best of some rounds, ours and theirs in turn. */
export function measure({
  figure,
  unit,
  ours,
  peers,
  against = 'OpenSSL',
  must,
}: Figure): BenchRow {
  const works: readonly (readonly [string, Work])[] = [['', ours], ...Object.entries(peers)];
  const best = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, work] of works) {
      work.before?.();
      const started = performance.now();
      work.run();
      const rate = (1000 * work.count) / (performance.now() - started);
      work.after?.();
      best.set(name, Math.max(best.get(name) ?? 0, rate));
    }
  }
  const value = best.get('') ?? 0;
  const other = best.get(against);
  best.delete('');
  return {
    figure,
    unit,
    value,
    peers: Object.fromEntries(best),
    ratio: other === undefined ? null : value / other,
    ...(must === undefined ? {} : { must }),
  };
}

/** The same thing so many times. */
export function times(count: number, run: (index: number) => void): Work {
  return {
    count,
    run: () => {
      for (let index = 0; index < count; index += 1) run(index);
    },
  };
}
