// SPDX-License-Identifier: Apache-2.0
// The two languages of the page. Every text is a pair, so that neither language can lack one.
import { ref, watchEffect } from 'vue';
import { readKept, writeKept } from '../kept.ts';

export type Language = 'zh-CN' | 'en';
/** One text in both languages; `{name}` stands for a value. */
export type Words = readonly [zh: string, en: string];

const KEY = 'zl.language';

/** The language shown: the one chosen here before, else the first the browser asks for that the page has. */
export const language = ref<Language>(firstLanguage([readKept(KEY) ?? '', ...navigator.languages]));

watchEffect(() => {
  document.documentElement.lang = language.value;
});

/** Shows a language from now on, at the next visit too. */
export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  writeKept(KEY, chosen);
}

function firstLanguage(wanted: readonly string[]): Language {
  const known = wanted.find((tag) => /^(?:zh|en)\b/i.test(tag)) ?? 'zh';
  return /^en/i.test(known) ? 'en' : 'zh-CN';
}

/** A text in the language shown, with its values filled in. */
export function say(words: Words, values: Readonly<Record<string, string | number>> = {}): string {
  const text = words[language.value === 'en' ? 1 : 0];
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** A label of the ledger in the language shown. */
export function sayLabel(label: { readonly zh: string; readonly en: string }): string {
  return language.value === 'en' ? label.en : label.zh;
}

/** A moment as people here write it, in Beijing time; seconds since 1970. */
export function sayTime(at: number): string {
  return new Date(at * 1000).toLocaleString(language.value, {
    timeZone: 'Asia/Shanghai',
    dateStyle: 'medium',
    timeStyle: 'medium',
    hour12: false,
  });
}

/** A number of seconds in the greatest unit that fits. */
export function sayAge(seconds: number): string {
  const units: readonly (readonly [number, Words])[] = [
    [86_400, ['{n} 天', '{n} d']],
    [3600, ['{n} 小时', '{n} h']],
    [60, ['{n} 分钟', '{n} min']],
  ];
  const unit = units.find(([size]) => seconds >= size);
  if (unit === undefined) return say(['{n} 秒', '{n} s'], { n: Math.max(0, Math.round(seconds)) });
  return say(unit[1], { n: Math.floor(seconds / unit[0]) });
}
