// SPDX-License-Identifier: Apache-2.0
// A licence's trail as steps that people follow: the entries of all provinces in order of time, what repeats put together,
// each with the entries it stands for, so that no proof is lost. Likewise what one transaction did to several copies.
import type { LedgerEntry, ProvinceTrail, TrailEntry } from './regulator-api.ts';

/** One line of the story. */
export interface TrailStep {
  readonly msp: string;
  /** Oldest first; the last one speaks for all. */
  readonly entries: readonly TrailEntry[];
  readonly last: TrailEntry;
}

/** One transaction on the ledger, with the copies it was about. */
export interface LedgerStep {
  readonly msp: string;
  readonly record: LedgerEntry;
  readonly copies: readonly string[];
}

/** A counter asks for evidence, decides, and says what it came to: one act for people. */
const SAME_ACT = 60;
const PARTS: Readonly<Record<string, string>> = {
  verification: 'evidence',
  recognition: 'verification',
};
/** Facts that differ in each repetition and do not make it another act. */
const PASSING = new Set(['receipt', 'transactionId', 'blockNumber', 'request', 'n', 'count']);

/** The steps of all trails, oldest first. */
export function stepsOf(trails: readonly ProvinceTrail[]): readonly TrailStep[] {
  const acts = trails.flatMap(({ msp, entries }) => joinChecks(msp, entries));
  acts.sort((a, b) => a.last.at - b.last.at || a.last.n - b.last.n);
  const steps: TrailStep[] = [];
  for (const act of acts) {
    const before = steps.at(-1);
    if (before === undefined || signature(before) !== signature(act)) steps.push(act);
    else steps[steps.length - 1] = { ...act, entries: [...before.entries, ...act.entries] };
  }
  return steps;
}

/** What the ledger holds, one step a transaction and kind. */
export function ledgerSteps(trails: readonly ProvinceTrail[]): readonly LedgerStep[] {
  const steps = new Map<string, { msp: string; record: LedgerEntry; copies: string[] }>();
  for (const { msp, ledger } of trails) {
    for (const record of ledger) {
      const { transactionId, kind, detail } = record;
      const name = [transactionId, kind, detail['state'] ?? '', detail['class'] ?? ''].join(' ');
      const step = steps.get(name) ?? { msp, record, copies: [] };
      step.copies.push(record.copy);
      steps.set(name, step);
    }
  }
  return [...steps.values()].sort((a, b) => a.record.blockNumber - b.record.blockNumber);
}

function joinChecks(msp: string, entries: readonly TrailEntry[]): TrailStep[] {
  const acts: TrailStep[] = [];
  for (const entry of [...entries].sort((a, b) => a.n - b.n)) {
    const before = stepBefore(acts, entry);
    if (before === -1) acts.push({ msp, entries: [entry], last: entry });
    else acts[before] = { msp, entries: [...(acts[before]?.entries ?? []), entry], last: entry };
  }
  return acts;
}

/** The entry that was but a part of this one's act: evidence asked for a check, a check made for a recognition. */
function stepBefore(acts: readonly TrailStep[], entry: TrailEntry): number {
  const part = PARTS[entry.kind];
  if (part === undefined || (part === 'evidence' && !isCounters(entry))) return -1;
  const found = acts.findLastIndex(
    ({ last }) =>
      last.kind === part && last.actor === entry.actor && last.subject === entry.subject,
  );
  const last = acts[found]?.last;
  if (last === undefined || entry.at - last.at > SAME_ACT) return -1;
  return part === 'verification' && isCounters(last) ? -1 : found;
}

/** A counter's own word, apart from what the gateway checked. */
function isCounters({ detail }: TrailEntry): boolean {
  return detail['kind'] === 'counter';
}

function signature({ msp, last }: TrailStep): string {
  const { kind, actor, outcome, purpose, detail } = last;
  const facts = Object.entries(detail).filter(([name]) => !PASSING.has(name));
  return JSON.stringify([msp, kind, actor, outcome, purpose ?? '', facts]);
}
