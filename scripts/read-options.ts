// SPDX-License-Identifier: Apache-2.0
// Options of a command line; a slip of the finger gets one sentence and the help, not a stack.
import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';

/** Reads the options, or ends the process with 2 and the help. */
export function readOptions<const T extends NonNullable<ParseArgsConfig['options']>>(
  help: string,
  options: T,
): ReturnType<typeof parseArgs<{ options: T }>>['values'] {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    console.error(help);
    process.exit(2);
  }
}
