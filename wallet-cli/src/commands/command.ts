// SPDX-License-Identifier: Apache-2.0
// What a command is, and what it may use.
import type { Label } from '@zhenglian/core/types/definition';
import type { Arguments, OptionTable } from '../arguments.ts';
import type { Terminal } from '../terminal.ts';
import type { WalletFile } from '../wallet-file.ts';
import type { Lang } from '../words.ts';

/** What a command uses. Whoever opens the wallet closes it in `finally`. */
export interface CommandContext {
  readonly args: Arguments;
  readonly lang: Lang;
  readonly terminal: Terminal;
  readonly dir: string;
  readonly passphrase: (fresh: boolean) => Promise<Uint8Array>;
  /** @throws WALLET_*, PASSPHRASE_* */
  readonly openWallet: () => Promise<WalletFile>;
  readonly clock: () => number;
  readonly random: (length: number) => Uint8Array;
  readonly sleep: (seconds: number) => Promise<unknown>;
}

/** What came out: for machines, for people, and a picture of our own making that may steer the terminal. */
export interface CommandResult {
  readonly json: unknown;
  readonly text: string;
  readonly picture?: string;
  readonly exitCode?: number;
}

/** One verb. */
export interface Command {
  readonly name: string;
  readonly summary: Label;
  readonly usage: string;
  readonly options: OptionTable;
  /** How many words without `--` it takes at most. */
  readonly positionals: number;
  readonly run: (context: CommandContext) => Promise<CommandResult>;
}
