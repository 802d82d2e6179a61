// SPDX-License-Identifier: Apache-2.0
// Which language is spoken, and words with places in them.
import type { Label } from '@zhenglian/core/types/definition';

export type Lang = 'zh' | 'en';

/** `--lang` where it is given, else what the environment says. */
export function languageOf(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Lang {
  const given = argv[argv.indexOf('--lang') + 1];
  if (argv.includes('--lang') && (given === 'zh' || given === 'en')) return given;
  const inline = /^--lang=(zh|en)$/;
  const joined = argv.map((each) => inline.exec(each)?.[1]).find((each) => each !== undefined);
  if (joined === 'zh' || joined === 'en') return joined;
  const { LC_ALL, LC_MESSAGES, LANG } = environment;
  const locale = [LC_ALL, LC_MESSAGES, LANG].find((each) => each !== undefined && each !== '');
  return locale?.startsWith('zh') === true ? 'zh' : 'en';
}

/** A label in a language, `{name}` replaced by its value. */
export function speak(
  label: Label,
  lang: Lang,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return label[lang].replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}
