// SPDX-License-Identifier: Apache-2.0
// Recognition: whether one province accepts another's licence for an act, under a rule both agreed. Three-valued; it stands
// beside the verdict and never changes it. No rule means unknown, never yes.
import { evaluate } from 'certlogic-js';
import { encodeCbor } from './cbor.ts';
import type { CborValue } from './cbor.ts';
import { dayAt, formatDay } from './days.ts';
import type { RecognitionRule } from './records/rule.ts';
import type { Report, ReportField } from './report.ts';

/** What came of it, for the person at the counter. */
export type RecognitionOutcome = 'recognised' | 'refused' | 'unknown';

/** Why; a closed union of stable codes. */
export type RecognitionReason =
  | 'RULE_MET'
  | 'NO_RULE'
  | 'SAME_PROVINCE'
  | 'ISSUER_UNKNOWN'
  | 'RULE_NOT_YET'
  | 'RULE_EXPIRED'
  | 'RULE_ACT'
  | 'RULE_AUTHORITY'
  | 'RULE_CONDITION'
  | 'RULE_CONDITION_UNKNOWN'
  | 'NOT_VALID'
  | 'VERDICT_OPEN';

/** A recognition: the fields under the accepting province's names and values, only where recognised. */
export interface Recognition {
  readonly outcome: RecognitionOutcome;
  readonly reason: RecognitionReason;
  readonly fields: readonly { readonly name: string; readonly text: string }[];
  /** Where a condition stood in the way: its parts, each by itself. */
  readonly conditions?: readonly ConditionPart[];
}

/** What one part of a condition demands (CertLogic), of which fields, and what came of it. */
export interface ConditionPart {
  readonly logic: unknown;
  readonly fields: readonly string[];
  readonly outcome: 'met' | 'unmet' | 'unknown';
}

/** Applies a rule (the one in force from the issuer's province to `accepter` for this type, if any) at a time. */
export function recognise(question: {
  readonly report: Report;
  readonly rule?: RecognitionRule;
  readonly accepter: string;
  readonly now: number;
}): Recognition {
  const { report, rule, accepter, now } = question;
  const issuer = report.licence?.issuer;
  if (!issuer) return answer('unknown', 'ISSUER_UNKNOWN');
  if (issuer.msp === accepter) return answer('unknown', 'SAME_PROVINCE');
  if (rule === undefined) return answer('unknown', 'NO_RULE');
  if (report.verdict === 'UNDETERMINED') return answer('unknown', 'VERDICT_OPEN');
  if (report.verdict !== 'VALID') return answer('refused', 'NOT_VALID');
  const refusal = outsideRule(rule, issuer.uscc, report.act, dayAt(now));
  if (refusal !== undefined) return refusal;
  return applyCondition(rule, report, dayAt(now));
}

/** What the accepting authority signs, purpose `receipt`; `argument` names the copy without naming anybody. */
export function receiptPayload(receipt: {
  readonly from: string;
  readonly to: string;
  readonly type: string;
  readonly ruleHash: Uint8Array;
  readonly argument: Uint8Array;
  readonly act: string;
  readonly at: number;
}): Uint8Array {
  const { from, to, type, ruleHash, argument, act, at } = receipt;
  return encodeCbor([1, from, to, type, ruleHash, argument, act, at]);
}

function outsideRule(
  rule: RecognitionRule,
  uscc: string,
  act: string,
  today: number,
): Recognition | undefined {
  if (today < rule.notBefore) return answer('unknown', 'RULE_NOT_YET');
  if (today > rule.notAfter) return answer('unknown', 'RULE_EXPIRED');
  if (rule.acts.length > 0 && !rule.acts.includes(act)) return answer('unknown', 'RULE_ACT');
  const covered =
    rule.authorities.length === 0 || rule.authorities.some((prefix) => uscc.startsWith(prefix));
  return covered ? undefined : answer('refused', 'RULE_AUTHORITY');
}

/** A condition sees the shown fields as text and today's date; one that cannot be decided is unknown, not no. */
function applyCondition(rule: RecognitionRule, report: Report, today: number): Recognition {
  const shown = report.licence?.fields ?? [];
  if (rule.condition !== undefined) {
    const logic = plainJson(rule.condition);
    const outcome = decideCondition(logic, shown, today);
    const conditions = partsOf(logic).map((part) => describePart(part, shown, today));
    if (outcome === undefined)
      return { ...answer('unknown', 'RULE_CONDITION_UNKNOWN'), conditions };
    if (!outcome) return { ...answer('refused', 'RULE_CONDITION'), conditions };
  }
  return { ...answer('recognised', 'RULE_MET'), fields: shown.map((f) => mapField(rule, f)) };
}

function decideCondition(
  logic: unknown,
  shown: readonly ReportField[],
  today: number,
): boolean | undefined {
  const licence = Object.fromEntries(shown.map((field) => [field.name, field.text]));
  if (!namesOf(logic).every((name) => name === 'today' || isShown(name, licence))) return undefined;
  try {
    const outcome: unknown = evaluate(logic as never, { licence, today: formatDay(today) });
    return typeof outcome === 'boolean' ? outcome : undefined;
  } catch {
    return undefined; // a condition that is no CertLogic decides nothing
  }
}

/** A condition that joins others by `and` is told part by part. */
function partsOf(logic: unknown): readonly unknown[] {
  const entries = typeof logic === 'object' && logic !== null ? Object.entries(logic) : [];
  const [operator, operands] = entries[0] ?? [];
  const joined = entries.length === 1 && operator === 'and' && Array.isArray(operands);
  return joined ? (operands as readonly unknown[]).flatMap(partsOf) : [logic];
}

function describePart(logic: unknown, shown: readonly ReportField[], today: number): ConditionPart {
  const names = namesOf(logic).filter((name) => name.startsWith('licence.'));
  const fields = [...new Set(names.map((name) => name.slice('licence.'.length)))];
  const isMet = decideCondition(logic, shown, today);
  return { logic, fields, outcome: isMet === undefined ? 'unknown' : isMet ? 'met' : 'unmet' };
}

/** A condition over a field that was not shown cannot be decided. */
function isShown(name: string, licence: Readonly<Record<string, string>>): boolean {
  const [root, field, ...rest] = name.split('.');
  return (
    root === 'licence' && field !== undefined && rest.length === 0 && Object.hasOwn(licence, field)
  );
}

function namesOf(logic: unknown): readonly string[] {
  if (Array.isArray(logic)) return logic.flatMap(namesOf);
  if (typeof logic !== 'object' || logic === null) return [];
  return Object.entries(logic).flatMap(([operator, operand]) =>
    operator === 'var' ? [String(operand)] : namesOf(operand),
  );
}

function plainJson(value: CborValue): unknown {
  if (Array.isArray(value)) return (value as readonly CborValue[]).map(plainJson);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries(
    [...(value as ReadonlyMap<string, CborValue>)].map(([k, v]) => [k, plainJson(v)]),
  );
}

function mapField(
  rule: RecognitionRule,
  field: ReportField,
): { readonly name: string; readonly text: string } {
  const mapped = rule.mapping.get(field.name);
  if (mapped === undefined) return { name: field.name, text: field.text };
  const { values } = mapped;
  // A rule may write a code as a number.
  const code = /^(0|[1-9]\d{0,4})$/.test(field.text) ? values?.get(Number(field.text)) : undefined;
  return { name: mapped.as, text: String(values?.get(field.text) ?? code ?? field.text) };
}

function answer(outcome: RecognitionOutcome, reason: RecognitionReason): Recognition {
  return { outcome, reason, fields: [] };
}
