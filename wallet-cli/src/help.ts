// SPDX-License-Identifier: Apache-2.0
// Help, made from the command table.
import type { Label } from '@zhenglian/core/types/definition';
import { COMMON_OPTIONS } from './arguments.ts';
import type { OptionTable } from './arguments.ts';
import type { Command } from './commands/command.ts';
import type { Lang } from './words.ts';

const TITLE: Label = {
  zh: 'zhenglian-wallet：持证人的证照钱包',
  en: 'zhenglian-wallet: the holder’s licences',
};
const USAGE: Label = { zh: '用法', en: 'Usage' };
const OPTIONS: Label = { zh: '选项', en: 'Options' };
const EXIT: Label = {
  zh: '退出码：0 完成，1 被拒绝，2 命令行有误。',
  en: 'Exit codes: 0 done, 1 refused, 2 wrong command line.',
};
const MORE: Label = {
  zh: '各命令的选项：zhenglian-wallet 命令 --help',
  en: 'Options of a command: zhenglian-wallet COMMAND --help',
};

/** All commands in a line each. */
export function generalHelp(commands: readonly Command[], lang: Lang): string {
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(9)}${summary[lang]}`);
  const usage = `${USAGE[lang]}: zhenglian-wallet COMMAND [...]`;
  return [TITLE[lang], '', usage, '', ...lines, '', MORE[lang], EXIT[lang], ''].join('\n');
}

/** One command with its options. */
export function commandHelp(command: Command, lang: Lang): string {
  return [
    `${USAGE[lang]}: zhenglian-wallet ${command.name} ${command.usage}`.trimEnd(),
    '',
    command.summary[lang],
    '',
    `${OPTIONS[lang]}:`,
    ...optionLines(command.options, lang),
    ...optionLines(COMMON_OPTIONS, lang),
    '',
    EXIT[lang],
    '',
  ].join('\n');
}

function optionLines(table: OptionTable, lang: Lang): readonly string[] {
  return Object.entries(table).map(
    ([name, { value = '', help }]) => `  ${`--${name} ${value}`.padEnd(24)} ${help[lang]}`,
  );
}
