// SPDX-License-Identifier: Apache-2.0
// The verdict on facts that are already believed (docs/credential-format.md §9). Pure: same input, same report.
// The law: taking facts away, ageing them or moving the clock may turn a verdict into UNDETERMINED, never into another one.
import { toHex, equals } from './bytes.ts';
import { checkHolder } from './checks/holder.ts';
import {
  checkAuthority,
  checkKey,
  checkScope,
  checkSignature,
  withSignatures,
} from './checks/issuer.ts';
import { checkAnchor, checkStatus } from './checks/ledger.ts';
import { checkFreshness, checkValidity, evidenceAge } from './checks/time.ts';
import { found } from './checks/check.ts';
import type { AssessPolicy, Facts, Subject } from './checks/check.ts';
import { isCodedError } from './errors.ts';
import { formatLicenceId } from './identifiers/licence-id.ts';
import type { HolderLevel } from './possession.ts';
import { openPresentations } from './presentation.ts';
import type { ReasonCode } from './reasons.ts';
import { CHECKS } from './report.ts';
import type { CheckResult, Report, ReportEvidence, ReportLicence, Verdict } from './report.ts';
import { typeOf } from './trust.ts';
import type { EpochFacts, TrustFacts } from './trust.ts';
import { formatSlotValue, slotValueLabel } from './types/slot-value.ts';
import { parseWire } from './wire.ts';
import type { Wire } from './wire.ts';

/** Where the evidence of a presentation is to be found, or undefined when the text is none. */
export function locate(
  presentation: string,
): { readonly kid: Uint8Array; readonly epoch: number; readonly index: number } | undefined {
  return placeOf(readPresentation(presentation));
}

/** A presentation whose text was read, or why it could not be: read once, used for facts, assessment and record. */
export type ReadPresentation = Wire | { readonly reason: ReasonCode };

/** Reads the text of a presentation. Never throws. */
export function readPresentation(presentation: string): ReadPresentation {
  return tryParse(presentation);
}

/** Where the evidence of a presentation that was read is to be found. */
export function placeOf(
  read: ReadPresentation,
): { readonly kid: Uint8Array; readonly epoch: number; readonly index: number } | undefined {
  return 'reason' in read ? undefined : read;
}

/** Assesses a presentation; `now` in unix seconds. Never throws for any presentation text. */
export function assess(
  presentation: string,
  facts: Facts,
  policy: AssessPolicy,
  now: number,
): Report {
  return assessRead(readPresentation(presentation), facts, policy, now);
}

/** Assesses a presentation that was read. */
export function assessRead(
  wire: ReadPresentation,
  facts: Facts,
  policy: AssessPolicy,
  now: number,
): Report {
  const [report] = assessAll([{ wire, facts, policy, now }]);
  if (report === undefined) throw new TypeError('unreachable: one report a question');
  return report;
}

/** A presentation that was read, and what it is assessed by. */
export interface Question {
  readonly wire: ReadPresentation;
  readonly facts: Facts;
  readonly policy: AssessPolicy;
  readonly now: number;
}

/** Assesses many presentations: their trees are hashed and their signatures verified together. The reports are those of `assessRead`. */
export function assessAll(questions: readonly Question[]): readonly Report[] {
  const known = questions.map((question) => withType(question));
  const readable = known.filter((each): each is Typed => 'type' in each);
  const opened = openPresentations(readable);
  let next = 0;
  const prepared = known.map((each): Report | Subject => {
    if (!('type' in each)) return each;
    const found = opened[next++];
    if (found === undefined) throw new TypeError('unreachable: one answer a presentation');
    return isCodedError(found)
      ? unreadable(baseOf(each), 'fail', found.code as ReasonCode)
      : subjectOf({ ...each, opened: found });
  });
  const subjects = withSignatures(prepared.filter((each): each is Subject => !('verdict' in each)));
  let at = 0;
  return prepared.map((each) => {
    if ('verdict' in each) return each;
    return reportOn(subjects[at++] ?? each);
  });
}

type Typed = Pick<Subject, 'wire' | 'type' | 'facts' | 'policy' | 'now'>;

/** With the type of its licence; or the report of what cannot even be read. */
function withType(question: Question): Typed | Report {
  const { wire, facts } = question;
  if ('reason' in wire) return unreadable(baseOf(question), 'fail', wire.reason);
  const type = facts.trust && typeOf(facts.trust.bundle, wire.typeNumber, wire.typeVersion);
  if (type !== undefined) return { ...question, wire, type };
  return unreadable(baseOf(question), 'unknown', facts.trust ? 'TYPE_UNKNOWN' : 'NO_EVIDENCE');
}

function baseOf({ facts, policy, now }: Omit<Question, 'wire'>) {
  return { act: policy.act, at: now, evidence: describeEvidence(facts, now) };
}

function reportOn(subject: Subject): Report {
  const holder = checkHolder(subject);
  const checks = [
    subject.wire.extensions.size > 0
      ? found('format', 'unknown', 'EXTENSION_UNKNOWN')
      : found('format', 'pass', 'OK'),
    ...[checkSignature, checkAuthority, checkKey, checkScope].map((check) => check(subject)),
    ...[checkValidity, checkAnchor, checkStatus].map((check) => check(subject)),
    holder.result,
    checkFreshness(subject),
  ];
  return {
    verdict: decide(checks),
    ...baseOf(subject),
    holder: provenLevel(checks, holder.level),
    checks,
    licence: describeLicence(subject),
  };
}

/**
 * Any proven fault but a status: INVALID. While anything the status rests on is unknown: UNDETERMINED. Then a proven status;
 * a suspension only while fresh, since it can be lifted. VALID only when every check passed.
 */
function decide(checks: readonly CheckResult[]): Verdict {
  const of = new Map(checks.map((check) => [check.name, check]));
  const others = checks.filter((check) => check.name !== 'status');
  if (others.some((check) => check.outcome === 'fail')) return 'INVALID';
  const settled = others.every(
    (check) => check.outcome === 'pass' || check.name === 'holder' || check.name === 'freshness',
  );
  if (!settled) return 'UNDETERMINED';
  const status = of.get('status');
  const fresh = of.get('freshness')?.outcome === 'pass';
  if (status?.outcome === 'fail') {
    if (status.reason !== 'SUSPENDED') return 'REVOKED';
    return fresh ? 'SUSPENDED' : 'UNDETERMINED';
  }
  return checks.every((check) => check.outcome === 'pass') ? 'VALID' : 'UNDETERMINED';
}

/** The level of possession is reported only of a genuine licence: anybody can sign with a key of their own. */
function provenLevel(
  checks: readonly CheckResult[],
  level: HolderLevel | null,
): HolderLevel | null {
  return checks.some((c) => c.name === 'signature' && c.outcome === 'pass') ? level : null;
}

function subjectOf(given: Omit<Subject, 'trust' | 'key' | 'authority' | 'actPolicy'>): Subject {
  const { trust } = given.facts;
  if (trust === undefined) return given;
  const { bundle } = trust;
  const key = bundle.keys.find((k) => equals(k.kid, given.wire.kid));
  const authority = bundle.authorities.find((a) => a.uscc === key?.uscc);
  const actPolicy = bundle.policies.find((p) => p.act === given.policy.act);
  return {
    ...given,
    trust,
    ...(key === undefined ? {} : { key }),
    ...(authority === undefined ? {} : { authority }),
    ...(actPolicy === undefined ? {} : { actPolicy }),
  };
}

function tryParse(presentation: string): Wire | { readonly reason: ReasonCode } {
  try {
    return parseWire(presentation.trim());
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

/** Parsers throw coded errors only; anything else is a fault of this program and goes up. */
function reasonOf(error: unknown): ReasonCode {
  if (isCodedError(error)) return error.code as ReasonCode;
  throw error;
}

function unreadable(
  base: Pick<Report, 'act' | 'at' | 'evidence'>,
  outcome: 'fail' | 'unknown',
  reason: ReasonCode,
): Report {
  const [format, ...rest] = CHECKS;
  return {
    verdict: outcome === 'fail' ? 'INVALID' : 'UNDETERMINED',
    ...base,
    holder: null,
    checks: [
      found(format, outcome, reason),
      ...rest.map((name) => found(name, 'unknown', 'NOT_CHECKED')),
    ],
  };
}

function describeLicence({ wire, type, opened, authority }: Subject): ReportLicence {
  const fields = opened.fields
    .filter(({ slot, value }) => value !== null && slot.kind !== 'spare')
    .map(({ slot, value }) => {
      const valueLabel = slotValueLabel(slot, value);
      return {
        name: slot.name,
        label: slot.label,
        text: formatSlotValue(slot, value),
        ...(valueLabel === undefined ? {} : { valueLabel }),
      };
    });
  const textOf = (kind: 'serial' | 'version') =>
    fields.find(({ name }) => type.slots.some((s) => s.name === name && s.kind === kind))?.text;
  const [serial, version] = [textOf('serial'), textOf('version')];
  return {
    type: type.code,
    typeVersion: type.version,
    label: type.label,
    issuer: authority ? { uscc: authority.uscc, name: authority.name, msp: authority.msp } : null,
    ...(authority && serial !== undefined && version !== undefined
      ? {
          number: formatLicenceId({
            typeCode: type.identifierCode,
            issuer: authority.uscc,
            serial,
            version: Number(version),
          }),
        }
      : {}),
    kid: toHex(wire.kid),
    epoch: wire.epoch,
    index: wire.index,
    firstDay: wire.firstDay,
    lastDay: wire.lastDay,
    fields,
  };
}

function describeEvidence(facts: Facts, now: number): Report['evidence'] {
  const describe = (
    fact: TrustFacts | EpochFacts,
    content: { readonly version: number },
  ): ReportEvidence => ({
    at: fact.at,
    age: Math.max(0, evidenceAge(fact.at, now)),
    version: content.version,
    msps: fact.msps,
  });
  return {
    ...(facts.trust ? { bundle: describe(facts.trust, facts.trust.bundle) } : {}),
    ...(facts.epoch ? { epoch: describe(facts.epoch, facts.epoch.evidence) } : {}),
  };
}

export type { AssessPolicy, Facts };
