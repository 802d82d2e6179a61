// SPDX-License-Identifier: Apache-2.0
// From a command line to an exit code: 0 done, 1 refused, 2 the command line itself is wrong. With `--json` there is
// exactly one line on stdout, whether it worked or not.
import { join } from 'node:path';
import { isCodedError } from '@zhenglian/core/errors';
import { parseArguments } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import type { Command, CommandContext, CommandResult } from './commands/command.ts';
import { COMMANDS } from './commands/index.ts';
import { errorWords } from './error-words.ts';
import { commandHelp, generalHelp } from './help.ts';
import { printable } from './output.ts';
import { readPassphrase } from './passphrase.ts';
import type { Terminal } from './terminal.ts';
import { openWalletFile } from './wallet-file.ts';
import { usageError } from './wallet-error.ts';
import { languageOf } from './words.ts';
import type { Lang } from './words.ts';

/** What the process gives: nothing below reads it from anywhere else. Seconds everywhere. */
export interface Surroundings {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly clock: () => number;
  readonly random: (length: number) => Uint8Array;
  readonly sleep: (seconds: number) => Promise<unknown>;
}

/** Runs a command line; gives the exit code. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { terminal, environment } = surroundings;
  const lang = languageOf(argv, environment);
  const json = argv.includes('--json');
  try {
    const { command, args } = readCommandLine(argv);
    if (command === undefined || args.flag('help')) {
      terminal.out(command ? commandHelp(command, lang) : generalHelp(COMMANDS, lang));
      return 0;
    }
    const result = await command.run(contextOf(args, lang, surroundings));
    terminal.out(json ? `${JSON.stringify(result.json)}\n` : shownText(result));
    return result.exitCode ?? 0;
  } catch (error) {
    return reportError(error, { terminal, json, lang });
  }
}

function readCommandLine(argv: readonly string[]): {
  readonly command: Command | undefined;
  readonly args: Arguments;
} {
  const [name = '--help', ...rest] = argv;
  const command = COMMANDS.find((each) => each.name === name);
  if (command !== undefined) return { command, args: parseArguments(rest, command) };
  if (argv.length === 0 || name === 'help' || argv.includes('--help')) {
    const args = parseArguments(['--help'], { options: {}, positionals: 0 });
    return { command: COMMANDS.find((each) => each.name === rest[0]), args };
  }
  throw usageError({
    zh: `没有“${name}”这个命令；输入 --help 查看全部命令`,
    en: `there is no command "${name}": see --help`,
  });
}

function contextOf(args: Arguments, lang: Lang, surroundings: Surroundings): CommandContext {
  const { environment, home, terminal } = surroundings;
  const dir = args.text('wallet') ?? join(home, '.zhenglian-wallet');
  const passphrase = (fresh: boolean) =>
    readPassphrase({
      file: args.text('passphrase-file'),
      environment: environment['ZHENGLIAN_PASSPHRASE'],
      terminal,
      lang,
      fresh,
    });
  return {
    ...surroundings,
    args,
    lang,
    dir,
    passphrase,
    openWallet: () => openWalletFile(dir, () => passphrase(false)),
  };
}

function shownText({ picture = '', text }: CommandResult): string {
  return `${picture}${printable(text)}\n`;
}

function reportError(
  error: unknown,
  { terminal, json, lang }: { terminal: Terminal; json: boolean; lang: Lang },
): number {
  const known = isCodedError<string>(error);
  const code = known ? error.code : 'INTERNAL';
  const message = errorWords(error, lang);
  const detail: unknown = known ? error.detail : undefined;
  if (json) {
    const content = { code, message, ...(detail === undefined ? {} : { detail }) };
    terminal.out(`${JSON.stringify({ error: content })}\n`);
  } else {
    terminal.err(`${code}: ${printable(message)}\n`);
  }
  if (!known) terminal.err(error instanceof Error ? `${error.stack ?? ''}\n` : '');
  return code === 'USAGE' ? 2 : 1;
}
