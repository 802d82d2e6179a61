// SPDX-License-Identifier: Apache-2.0
// What several commands ask: yes or no, and how long to wait for an anchor.
import type { Arguments, OptionTable } from '../arguments.ts';
import { printable } from '../output.ts';
import { usageError } from '../wallet-error.ts';
import type { CommandContext } from './command.ts';

const DEFAULT_WAIT = 60;
/** A proof counts for 120 s: a longer wait needs a new one, that is a new run. */
const LONGEST_WAIT = 110;

export const WAIT_OPTION: OptionTable = {
  wait: {
    value: 'SECONDS',
    help: { zh: '等待上链的秒数（默认 60）', en: 'seconds to wait for the anchor (60)' },
  },
};

export const YES_OPTION: OptionTable = {
  yes: { help: { zh: '不再询问', en: 'do not ask' } },
};

/** Asks somebody who is there; anything but yes is no. */
export async function confirms(
  { terminal, lang }: Pick<CommandContext, 'terminal' | 'lang'>,
  question: string,
): Promise<boolean> {
  const suffix = lang === 'zh' ? '（是/否）' : '(yes/no)';
  const answer = await terminal.ask(printable(`${question} ${suffix}`));
  return ['y', 'yes', '是'].includes(answer.trim().toLowerCase());
}

/** Seconds of `--wait`. @throws USAGE */
export function waitSeconds(args: Arguments): number {
  const given = args.text('wait') ?? String(DEFAULT_WAIT);
  const seconds = /^\d{1,3}$/.test(given) ? Number(given) : Number.NaN;
  if (seconds <= LONGEST_WAIT) return seconds;
  throw usageError({ zh: '--wait 是 0 到 110 秒', en: '--wait is 0 to 110 seconds' });
}
