// SPDX-License-Identifier: Apache-2.0
// Acts that come together and say the same but for their subject, as one run: a file of licences is a few words and
// many ids.
import type { TraceAct } from './trace.ts';

type Said = Omit<TraceAct, 'subject'>;

/** Acts that are the same but for their subjects. */
export type TraceRun = Said & { readonly subjects: readonly (string | null)[] };

/** Acts as runs, in their order. */
export function runsOf(acts: readonly TraceAct[]): readonly TraceRun[] {
  const runs: (Said & { readonly subjects: (string | null)[] })[] = [];
  for (const { subject, ...said } of acts) {
    const last = runs.at(-1);
    if (last !== undefined && isSame(last, said)) last.subjects.push(subject);
    else runs.push({ ...said, subjects: [subject] });
  }
  return runs;
}

/** The acts of runs, in their order. */
export function actsOf(runs: readonly TraceRun[]): readonly TraceAct[] {
  return runs.flatMap(({ subjects, ...said }) => subjects.map((subject) => ({ ...said, subject })));
}

function isSame(run: Said, other: Said): boolean {
  return (
    run.kind === other.kind &&
    run.actor === other.actor &&
    run.outcome === other.outcome &&
    run.purpose === other.purpose &&
    isSameDetail(run.detail ?? {}, other.detail ?? {})
  );
}

function isSameDetail(
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): boolean {
  if (one === other) return true;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
  );
}
