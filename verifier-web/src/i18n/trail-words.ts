// SPDX-License-Identifier: Apache-2.0
// A step of a trail in plain words: who, what, with which outcome, what for.
import { recognitionReasons } from './counter.ts';
import { classWords, desk, stateWords } from './desk.ts';
import { say, sayLabel } from './language.ts';
import type { Words } from './language.ts';
import { sayMember } from './member-names.ts';
import { reasonWords } from './reasons.ts';
import { actorWords, kindWords, outcomeWords, regulator } from './regulator.ts';
import { actPurposes, purposeWords } from './shell.ts';
import { holderWords, verdictWords } from './verdicts.ts';
import { network } from '../network-info.ts';
import type { LedgerEntry, TrailEntry } from '../regulator-api.ts';

type Table = Readonly<Record<string, Words>>;

const TONES: Readonly<Record<string, string>> = {
  ...{ VALID: 'good', recognised: 'good', valid: 'good' },
  ...{ SUSPENDED: 'warn', UNDETERMINED: 'warn', unknown: 'warn', suspended: 'warn' },
  ...{ REVOKED: 'bad', INVALID: 'bad', refused: 'bad', revoked: 'bad' },
};

/** What was done. */
export function sayWhat({ kind, detail }: TrailEntry): string {
  if (kind === 'look-up' && detail['unmasked'] === 'true') return say(regulator.lookUpFull);
  if (kind === 'search' && detail['job'] !== undefined) return say(regulator.listed);
  return worded(kindWords, kind);
}

/** What came of it, and how that is to be read; nothing where it was simply done. */
export function sayOutcome(entry: TrailEntry): { readonly text: string; readonly tone: string } {
  const { kind, outcome, detail } = entry;
  const state = detail['state'];
  if (kind === 'status' && outcome === 'done' && state !== undefined) {
    return { text: worded(stateWords, state), tone: TONES[state] ?? '' };
  }
  if (outcome === 'done') return { text: '', tone: '' };
  const words: Table = { ...outcomeWords, ...verdictWords };
  return { text: worded(words, outcome), tone: TONES[outcome] ?? 'warn' };
}

/** Who did it: a member of staff is a role and the mark of a token. */
export function sayActor(actor: string): string {
  const [role = '', ...mark] = actor.split('-');
  return [worded(actorWords, role), ...mark].join(' ');
}

/** Purpose and facts that have words, in one line. */
export function sayFacts({ purpose, detail }: TrailEntry): string {
  const facts = Object.entries(detail).flatMap(([name, text]) => {
    const said = FACTS[name]?.(text, detail);
    return said === undefined || said === '' ? [] : [said];
  });
  return [...(purpose === undefined ? [] : [sayPurpose(purpose)]), ...facts].join(' · ');
}

/** What a record on the ledger says happened. */
export function sayRecord({ kind, detail }: LedgerEntry): { text: string; tone: string } {
  const state = detail['state'];
  if (kind !== 'status' || state === undefined) return { text: worded(kindWords, kind), tone: '' };
  const parts = [worded(stateWords, state)];
  const cause = detail['class'];
  if (cause !== undefined) parts.push(worded(classWords, cause));
  return { text: parts.join(say(['：', ': '])), tone: TONES[state] ?? '' };
}

const FACTS: Readonly<
  Record<string, (text: string, detail: Readonly<Record<string, string>>) => string>
> = {
  act: (text) => say(regulator.forAct, { act: actLabel(text) }),
  class: (text) => worded(classWords, text),
  delivery: (text) => worded({ counter: desk.claimCounter, letter: desk.claimLetter }, text),
  holder: (text) => worded(holderWords, text),
  kind: (text) => (text === 'copy' ? say(regulator.oneCopy) : ''),
  reason: (text) => (text === 'OK' ? '' : worded({ ...reasonWords, ...recognitionReasons }, text)),
  from: (text, { to = '' }) => say(regulator.fromTo, { from: sayMember(text), to: sayMember(to) }),
};

function sayPurpose(code: string): string {
  const words: Readonly<Record<string, Words>> = { ...purposeWords, ...actPurposes };
  const known = Object.hasOwn(words, code) ? words[code] : undefined;
  return known === undefined ? code : say(regulator.forPurpose, { purpose: say(known) });
}

function actLabel(code: string): string {
  const acts = network.value.kind === 'known' ? network.value.info.acts : [];
  const label = acts.find(({ act }) => act === code)?.label;
  return label === undefined ? code : sayLabel(label);
}

function worded(table: Table, name: string): string {
  const words = Object.hasOwn(table, name) ? table[name] : undefined;
  return words === undefined ? name : say(words);
}
