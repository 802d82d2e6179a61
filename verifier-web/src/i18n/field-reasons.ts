// SPDX-License-Identifier: Apache-2.0
// Why a field or a line of a file was refused, in words that name the thing: the check character, the other field, the form
// that is wanted. What a type's constraint says comes from the type itself.
import type { Slot, TypeDefinition } from '@zhenglian/core/types/definition';
import { say, sayLabel } from './language.ts';
import type { Words } from './language.ts';

const REASONS: Readonly<Record<string, Words>> = {
  missing: ['必填', 'Required'],
  unknown: ['没有这个字段', 'No such field'],
  twice: ['出现了两次', 'Stands there twice'],
  malformed: ['格式不对', 'Not in the right form'],
  'check-digit': [
    '末位校验码不对，请逐位核对是否输错',
    'The check character at the end does not fit: compare the number digit by digit',
  ],
  'not-nfc': [
    '含有未规范化的字符，请重新输入',
    'Contains characters in a form that is not accepted: type it again',
  ],
  derived: ['由系统生成，不能填写', 'Made by the system, not to be filled in'],
  contradicts: ['与其他字段矛盾', 'Contradicts another field'],
  'in-future': ['号码中的出生日期在将来', 'The date of birth in the number lies in the future'],
  expired: ['已经过期，不能签发', 'This day is over: nothing can be issued'],
  'test-area': ['测试地区号码，本网络不接受', 'A test number, which this network does not accept'],
  'duplicate-line': ['同一当事人在文件中已出现过', 'The same holder stands in an earlier line'],
  'licence-exists': [
    '该当事人已有有效的同类证照',
    'This holder already has a living licence of this type',
  ],
  columns: ['列数与表头不符', 'Not as many columns as the header has'],
  quotes: ['引号不成对', 'Quotation marks do not match'],
  'not-json': ['不是 JSON', 'Not JSON'],
  'too-long': ['这一行过长', 'The line is too long'],
};

/** What a value of a kind must look like, for `malformed`. */
const FORMS: Readonly<Partial<Record<Slot['kind'], Words>>> = {
  'citizen-id': [
    '应为 18 位公民身份号码：17 位数字加校验码，地区和日期须存在',
    'A citizen number has 17 digits and a check character, with an area and a date that exist',
  ],
  uscc: [
    '应为 18 位统一社会信用代码（大写字母和数字）',
    'A unified social credit code has 18 characters: digits and capitals',
  ],
  date: ['应为存在的日期，如 2026-01-31', 'A day that exists, as 2026-01-31'],
  'end-date': [
    '应为存在的日期（如 2036-01-31）或“长期”',
    'A day that exists, as 2036-01-31, or 长期 for no end date',
  ],
  code: ['不是可选的代码', 'Not one of the codes'],
  codes: ['含有没有的或重复的代码', 'Contains a code that does not exist or stands there twice'],
  boolean: ['应为 true 或 false', 'true or false'],
  'file-number': ['应为 12 位数字，前两位为省份', '12 digits, the first two a province'],
};

/** What a broken constraint of the type means; `{other}` is the field it is compared with. */
const CONTRADICTIONS: Readonly<Record<string, Words>> = {
  'birth-date-of': ['与“{other}”里的出生日期不一致', 'Not the date of birth that is in “{other}”'],
  'sex-of': ['与“{other}”里的性别不一致', 'Not the sex that is in “{other}”'],
  'ends-after': ['早于“{other}”', 'Lies before “{other}”'],
};

/** A reason in words; the type and slot, where they are known, make it say what exactly is wrong. */
export function sayFieldReason(reason: string, name?: string, type?: TypeDefinition): string {
  const slot = type?.slots.find((each) => each.name === name);
  if (reason === 'malformed' && slot !== undefined) return sayForm(slot);
  if (reason === 'contradicts' && slot !== undefined && type !== undefined) {
    const told = sayContradictions(type, slot.name);
    if (told !== '') return told;
  }
  const words = REASONS[reason];
  return words === undefined ? reason : say(words);
}

/** A column as people call it; the name in the file beside it. */
export function saySlot(name: string, type?: TypeDefinition): string {
  const slot = type?.slots.find((each) => each.name === name);
  return slot === undefined ? name : `${sayLabel(slot.label)} ${name}`;
}

function sayForm(slot: Slot): string {
  const form = FORMS[slot.kind];
  if (form !== undefined) return say(form);
  return say(
    [
      '含有不可用的字符，或超过 {max} 个字',
      'Has characters that are not allowed, or more than {max}',
    ],
    {
      max: slot.max ?? 100,
    },
  );
}

function sayContradictions(type: TypeDefinition, name: string): string {
  return type.constraints
    .filter((rule) => rule.slot === name)
    .flatMap((rule) => {
      const words = CONTRADICTIONS[rule.rule];
      const label = type.slots.find((each) => each.name === rule.from)?.label;
      return words === undefined || label === undefined
        ? []
        : [say(words, { other: sayLabel(label) })];
    })
    .join(say(['；或', '; or ']));
}
