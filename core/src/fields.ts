// SPDX-License-Identifier: Apache-2.0
// Minting's way in: the texts of a form or file become a type's signed values, or a list of what is wrong with them.
import type { TypeDefinition, Slot } from './types/definition.ts';
import { treeLeaves } from './types/definition.ts';
import { parseSlotText } from './types/slot-value.ts';
import type { SlotValue } from './types/slot-value.ts';
import { CodedError } from './errors.ts';
import {
  ageOn,
  computeCitizenIdCheck,
  decodeCitizenId,
  isCitizenId,
  parseCitizenId,
} from './identifiers/citizen-id.ts';
import { dateOfDays, daysOfDate } from './identifiers/calendar-date.ts';
import { isTestArea } from './identifiers/division.ts';
import { isUsccMistyped, parseUscc } from './identifiers/uscc.ts';

/** Why a field was refused; never carries the value. */
export interface FieldProblem {
  readonly slot: string;
  readonly reason: FieldReason;
}
export type FieldReason =
  | 'missing'
  | 'unknown'
  | 'malformed'
  | 'check-digit'
  | 'not-nfc'
  | 'derived'
  | 'contradicts'
  | 'in-future'
  | 'test-area';

/** What minting may rely on: today's day, and whether the network admits area 999999. */
export interface MintingContext {
  readonly today: number;
  readonly testIdentities: boolean;
}

/** Values by slot name; every slot of the type is there, null when absent. */
export type FieldValues = ReadonlyMap<string, SlotValue>;

const GIVEN_BY_ISSUER = new Set(['serial', 'version', 'at-least', 'spare']);

/**
 * Parses the texts of a licence's fields; empty texts count as absent; serial, version and derived slots are not given here.
 * @throws FIELD_INVALID whose `detail` is the list of `FieldProblem`
 */
export function parseFields(
  type: TypeDefinition,
  texts: Readonly<Record<string, string>>,
  context: MintingContext,
): FieldValues {
  const problems = [...checkNames(type, texts)];
  const values = new Map<string, SlotValue>();
  for (const slot of type.slots) {
    const given = Object.hasOwn(texts, slot.name) ? (texts[slot.name] ?? '').trim() : '';
    const parsed = parseField(slot, given, context);
    if ('reason' in parsed) problems.push({ slot: slot.name, reason: parsed.reason });
    else values.set(slot.name, parsed.value);
  }
  if (problems.length === 0) problems.push(...checkConstraints(type, values, context));
  if (problems.length > 0) throw refused(problems);
  return values;
}

/** Values in tree order, with the issuer's serial (8 bytes) and version. */
export function valuesInTreeOrder(
  type: TypeDefinition,
  values: FieldValues,
  serial: Uint8Array,
  version: number,
): readonly SlotValue[] {
  const kinds = new Map(type.slots.map((slot) => [slot.name, slot.kind]));
  return treeLeaves(type.tree).map((name) => {
    const kind = kinds.get(name);
    if (kind === 'serial') return serial;
    if (kind === 'version') return version;
    return values.get(name) ?? null;
  });
}

/** Names that the type does not have, or that are not for the applicant to give. */
function checkNames(
  type: TypeDefinition,
  texts: Readonly<Record<string, string>>,
): readonly FieldProblem[] {
  const kinds = new Map(type.slots.map((slot) => [slot.name, slot.kind]));
  return Object.keys(texts).flatMap((slot): readonly FieldProblem[] => {
    const kind = kinds.get(slot);
    if (kind === undefined) return [{ slot, reason: 'unknown' }];
    return GIVEN_BY_ISSUER.has(kind) ? [{ slot, reason: 'derived' }] : [];
  });
}

function parseField(
  slot: Slot,
  given: string,
  context: MintingContext,
): { readonly value: SlotValue } | { readonly reason: FieldReason } {
  if (GIVEN_BY_ISSUER.has(slot.kind)) return { value: null };
  if (given === '') return slot.required === true ? { reason: 'missing' } : { value: null };
  if (given !== given.normalize('NFC')) return { reason: 'not-nfc' };
  const value = parseSlotText(slot, given);
  if (value === undefined) return { reason: isMistyped(slot, given) ? 'check-digit' : 'malformed' };
  if (!context.testIdentities && isTestArea(areaOf(slot, given))) return { reason: 'test-area' };
  return { value };
}

/** A number that would be one with another check character: most often a digit was mistyped. */
function isMistyped(slot: Slot, text: string): boolean {
  const body = text.slice(0, 17);
  if (slot.kind === 'citizen-id' && /^\d{17}[\dX]$/.test(text)) {
    return isCitizenId(body + computeCitizenIdCheck(body));
  }
  return slot.kind === 'uscc' && isUsccMistyped(text);
}

function areaOf(slot: Slot, text: string): string {
  if (slot.kind === 'citizen-id') return parseCitizenId(text).area;
  return slot.kind === 'uscc' ? parseUscc(text).area : '';
}

/** Checks what fields say of each other and fills derived slots in. */
function checkConstraints(
  type: TypeDefinition,
  values: Map<string, SlotValue>,
  context: MintingContext,
): readonly FieldProblem[] {
  const future: readonly FieldProblem[] = isUnborn(type, values, context)
    ? [{ slot: type.subject, reason: 'in-future' }]
    : [];
  const contradictions = type.constraints.flatMap((rule): readonly FieldProblem[] => {
    const from = values.get(rule.from) ?? null;
    if (rule.rule === 'at-least') {
      const reached = from !== null && age(from, context) >= (rule.years ?? 0);
      values.set(rule.slot, reached ? true : null);
      return [];
    }
    const fits = holds(rule.rule, values.get(rule.slot) ?? null, from);
    return fits ? [] : [{ slot: rule.slot, reason: 'contradicts' }];
  });
  return [...future, ...contradictions];
}

function isUnborn(type: TypeDefinition, values: FieldValues, context: MintingContext): boolean {
  const subject = values.get(type.subject) ?? null;
  if (subject === null || !isCitizenNumber(type, type.subject)) return false;
  return daysOfDate(citizenOf(subject).birthDate) > context.today;
}

function holds(
  rule: 'birth-date-of' | 'sex-of' | 'ends-after',
  value: SlotValue,
  from: SlotValue,
): boolean {
  if (value === null || from === null) return true;
  if (rule === 'ends-after') return value === true || Number(value) >= Number(from);
  const citizen = citizenOf(from);
  return value === (rule === 'sex-of' ? citizen.sex : daysOfDate(citizen.birthDate));
}

function age(birthDate: SlotValue, context: MintingContext): number {
  return ageOn(dateOfDays(Number(birthDate)), context.today);
}

function citizenOf(value: SlotValue) {
  return parseCitizenId(decodeCitizenId(typeof value === 'bigint' ? value : Number(value)));
}

function isCitizenNumber(type: TypeDefinition, name: string): boolean {
  return type.slots.some((slot) => slot.name === name && slot.kind === 'citizen-id');
}

function refused(problems: readonly FieldProblem[]): CodedError {
  const words = problems.map((p) => `${p.slot} ${p.reason}`).join(', ');
  return new CodedError('FIELD_INVALID', words, { detail: problems });
}
