// SPDX-License-Identifier: Apache-2.0
// Why a field or a line of a file was refused, in words that name the thing: the check character, the other field, the form
// that is wanted. What a type's constraint says comes from the type itself. For the page and for results to download.
import type { Label, Slot, TypeDefinition } from './definition.ts';

/** Chinese and English; `{name}` stands for a value. */
type Words = readonly [zh: string, en: string];

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
  'number-format': [
    '单元格是数值或特殊格式，位数可能已丢失：请将该列设为“文本”后重新输入',
    'The cell is a number or in a format that may have lost digits: make the column Text and type it again',
  ],
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
export function describeFieldReason(reason: string, name?: string, type?: TypeDefinition): Label {
  const slot = type?.slots.find((each) => each.name === name);
  if (reason === 'malformed' && slot !== undefined) return formOf(slot);
  if (reason === 'contradicts' && slot !== undefined && type !== undefined) {
    const told = contradictionsOf(type, slot.name);
    if (told !== undefined) return told;
  }
  const words = REASONS[reason];
  return words === undefined ? { zh: reason, en: reason } : fill(words);
}

function formOf(slot: Slot): Label {
  const form = FORMS[slot.kind];
  if (form !== undefined) return fill(form);
  const most = String(slot.max ?? 100);
  return fill(
    [
      '含有不可用的字符，或超过 {max} 个字',
      'Has characters that are not allowed, or more than {max}',
    ],
    { zh: most, en: most },
  );
}

function contradictionsOf(type: TypeDefinition, name: string): Label | undefined {
  const told = type.constraints
    .filter((rule) => rule.slot === name)
    .flatMap((rule) => {
      const words = CONTRADICTIONS[rule.rule];
      const other = type.slots.find((each) => each.name === rule.from)?.label;
      return words === undefined || other === undefined ? [] : [fill(words, other)];
    });
  if (told.length === 0) return undefined;
  return { zh: told.map(({ zh }) => zh).join('；或'), en: told.map(({ en }) => en).join('; or ') };
}

function fill([zh, en]: Words, value: Label = { zh: '', en: '' }): Label {
  return { zh: zh.replace(/\{\w+\}/, value.zh), en: en.replace(/\{\w+\}/, value.en) };
}
