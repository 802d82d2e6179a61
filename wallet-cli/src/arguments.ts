// SPDX-License-Identifier: Apache-2.0
// The options of a command line. Anything not in the command's own table, or said twice in two ways, is a usage error.
import { parseArgs } from 'node:util';
import type { Label } from '@zhenglian/core/types/definition';
import { usageError } from './wallet-error.ts';

/** An option: with `value` it takes one, and that is what help calls it. */
export interface OptionSpec {
  readonly value?: string;
  readonly help: Label;
}
export type OptionTable = Readonly<Record<string, OptionSpec>>;

/** What was said on the command line. */
export interface Arguments {
  readonly positionals: readonly string[];
  text(name: string): string | undefined;
  flag(name: string): boolean;
}

/** Options of every command. */
export const COMMON_OPTIONS: OptionTable = {
  wallet: {
    value: 'DIR',
    help: {
      zh: '钱包文件夹（默认 ~/.zhenglian-wallet）',
      en: 'wallet folder (~/.zhenglian-wallet)',
    },
  },
  'passphrase-file': {
    value: 'FILE',
    help: {
      zh: '口令在此文件的第一行（也可用环境变量 ZHENGLIAN_PASSPHRASE）',
      en: 'passphrase is the first line of FILE (or set ZHENGLIAN_PASSPHRASE)',
    },
  },
  json: { help: { zh: '输出一行 JSON', en: 'print one line of JSON' } },
  lang: { value: 'zh|en', help: { zh: '语言', en: 'language' } },
  help: { help: { zh: '显示本帮助', en: 'show this help' } },
};

/** Parses options and positionals. @throws USAGE */
export function parseArguments(
  argv: readonly string[],
  command: { readonly options: OptionTable; readonly positionals: number },
): Arguments {
  const table = { ...command.options, ...COMMON_OPTIONS };
  const options = Object.fromEntries(
    Object.entries(table).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  const { values, positionals } = attempt(() =>
    parseArgs({ args: [...argv], options, allowPositionals: true, strict: true }),
  );
  if (positionals.length > command.positionals) {
    const extra = positionals.slice(command.positionals).join(' ');
    throw usageError({ zh: `多余的参数：${extra}`, en: `too much on the line: ${extra}` });
  }
  const text = (name: string) => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  if (!['zh', 'en', undefined].includes(text('lang'))) {
    throw usageError({ zh: '--lang 只能是 zh 或 en', en: '--lang is zh or en' });
  }
  return { positionals, text, flag: (name) => values[name] === true };
}

function attempt<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw usageError({ zh: `命令行有误：${message}`, en: message }, { cause });
  }
}
