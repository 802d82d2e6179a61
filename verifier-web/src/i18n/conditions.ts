// SPDX-License-Identifier: Apache-2.0
// A condition of a recognition rule (CertLogic) in words: what it demands of which field. It is data two provinces wrote, so
// what has no words here is shown as it is, never left out.
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { say, sayLabel } from './language.ts';
import type { Words } from './language.ts';
import { sayValue } from './values.ts';

const COMPARED: Readonly<Record<string, readonly [is: Words, isNot: Words]>> = {
  '===': [
    ['{a} 须为 {b}', '{a} must be {b}'],
    ['{a} 不得为 {b}', '{a} must not be {b}'],
  ],
  in: [
    ['{a} 须为 {b} 之一', '{a} must be one of {b}'],
    ['{a} 不得为 {b}', '{a} must be none of {b}'],
  ],
  '>': [
    ['{a} 须大于 {b}', '{a} must be more than {b}'],
    ['{a} 不得大于 {b}', '{a} must not be more than {b}'],
  ],
  '>=': [
    ['{a} 不得小于 {b}', '{a} must be at least {b}'],
    ['{a} 须小于 {b}', '{a} must be less than {b}'],
  ],
  '<': [
    ['{a} 须小于 {b}', '{a} must be less than {b}'],
    ['{a} 不得小于 {b}', '{a} must be at least {b}'],
  ],
  '<=': [
    ['{a} 不得大于 {b}', '{a} must not be more than {b}'],
    ['{a} 须大于 {b}', '{a} must be more than {b}'],
  ],
  after: [
    ['{a} 须晚于 {b}', '{a} must be after {b}'],
    ['{a} 不得晚于 {b}', '{a} must not be after {b}'],
  ],
  before: [
    ['{a} 须早于 {b}', '{a} must be before {b}'],
    ['{a} 不得早于 {b}', '{a} must not be before {b}'],
  ],
  'not-after': [
    ['{a} 不得晚于 {b}', '{a} must not be after {b}'],
    ['{a} 须晚于 {b}', '{a} must be after {b}'],
  ],
  'not-before': [
    ['{a} 不得早于 {b}', '{a} must not be before {b}'],
    ['{a} 须早于 {b}', '{a} must be before {b}'],
  ],
};
const PRESENT: readonly [is: Words, isNot: Words] = [
  ['须有 {a}', '{a} must be there'],
  ['不得有 {a}', '{a} must not be there'],
];
const UNITS: Readonly<Record<string, Words>> = {
  hour: ['小时', 'hours'],
  day: ['天', 'days'],
  month: ['个月', 'months'],
  year: ['年', 'years'],
};

/** What a condition demands, in the names of the licence's type. */
export function sayCondition(logic: unknown, type: TypeDefinition | undefined): string {
  return demand(logic, type, true);
}

/** A field as people call it. */
export function sayField(name: string, type: TypeDefinition | undefined): string {
  const slot = type?.slots.find((each) => each.name === name);
  return slot === undefined ? name : `“${sayLabel(slot.label)}”`;
}

function demand(logic: unknown, type: TypeDefinition | undefined, wanted: boolean): string {
  const [operator, operands] = partsOf(logic);
  if (operator === '!') return demand(operands[0], type, !wanted);
  if (operator === 'and' && wanted) {
    return operands.map((each) => demand(each, type, true)).join(say(['，并且 ', ', and ']));
  }
  if (operator === 'var') {
    return say(PRESENT[wanted ? 0 : 1], { a: sayOperand(logic, type, undefined) });
  }
  return compared(operator, operands, type, wanted) ?? bare(logic, wanted);
}

function compared(
  operator: string | undefined,
  operands: readonly unknown[],
  type: TypeDefinition | undefined,
  wanted: boolean,
): string | undefined {
  const words = operator !== undefined && Object.hasOwn(COMPARED, operator) && COMPARED[operator];
  if (!words || operands.length !== 2) return undefined;
  const field = fieldOf(operands[0]) ?? fieldOf(operands[1]);
  const [a = '', b = ''] = operands.map((each) => sayOperand(each, type, field));
  return say(words[wanted ? 0 : 1], { a, b });
}

function bare(logic: unknown, wanted: boolean): string {
  const text = JSON.stringify(logic);
  return wanted ? text : say(['不满足 {a}', 'not {a}'], { a: text });
}

function sayOperand(
  operand: unknown,
  type: TypeDefinition | undefined,
  field: string | undefined,
): string {
  if (Array.isArray(operand)) {
    return operand.map((each) => sayOperand(each, type, field)).join(say(['、', ', ']));
  }
  const [operator, operands] = partsOf(operand);
  if (operator === 'var') return sayVariable(String(operands[0]), type);
  if (operator === 'plusTime') return sayMoved(operands, type);
  if (typeof operand === 'object' && operand !== null) return JSON.stringify(operand);
  const values = type?.slots.find(({ name }) => name === field)?.values;
  const label = [...(values ?? [])].find(([code]) => String(code) === String(operand))?.[1];
  return sayValue(String(operand), label);
}

function sayVariable(name: string, type: TypeDefinition | undefined): string {
  return name === 'today' ? say(['今天', 'today']) : sayField(name.replace(/^licence\./, ''), type);
}

/** A day so and so much later, or earlier. */
function sayMoved(operands: readonly unknown[], type: TypeDefinition | undefined): string {
  const [from, amount, unit] = operands;
  const base = sayOperand(from, type, undefined);
  const n = Number(amount);
  if (n === 0) return base;
  const words: Words =
    n > 0
      ? ['{base}之后 {n} {unit}', '{n} {unit} after {base}']
      : ['{base}之前 {n} {unit}', '{n} {unit} before {base}'];
  const unitWords = UNITS[String(unit)];
  return say(words, {
    base,
    n: Math.abs(n),
    unit: unitWords === undefined ? String(unit) : say(unitWords),
  });
}

function fieldOf(operand: unknown): string | undefined {
  const [operator, operands] = partsOf(operand);
  if (operator === 'plusTime') return fieldOf(operands[0]);
  return operator === 'var' ? String(operands[0]).replace(/^licence\./, '') : undefined;
}

/** Operator and operands of an expression; none of anything else. */
function partsOf(
  logic: unknown,
): readonly [operator: string | undefined, operands: readonly unknown[]] {
  if (typeof logic !== 'object' || logic === null || Array.isArray(logic)) return [undefined, []];
  const [entry, ...others] = Object.entries(logic);
  if (entry === undefined || others.length > 0) return [undefined, []];
  const operands: unknown = entry[1];
  return [entry[0], Array.isArray(operands) ? (operands as readonly unknown[]) : [operands]];
}
