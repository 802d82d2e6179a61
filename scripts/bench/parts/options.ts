// SPDX-License-Identifier: Apache-2.0
// The options that benchmarks share, and what they say to people while they run.
import { parseArgs } from 'node:util';

/** Options that a benchmark cannot work with: said without a stack, exit code 2. */
export class UsageError extends Error {}

/** How long, how many, and whether beside others; `seconds` is for each thing that is measured. */
export interface BenchOptions {
  readonly seconds: number;
  readonly samples: number;
  readonly peers: boolean;
}

/** Reads `--seconds N`, `--samples N`, `--no-peers`. @throws RangeError, TypeError for anything else */
export function readOptions(args: readonly string[], defaults: BenchOptions): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: String(defaults.seconds) },
      samples: { type: 'string', default: String(defaults.samples) },
      'no-peers': { type: 'boolean', default: !defaults.peers },
    },
  });
  const seconds = Number(values.seconds);
  const samples = Number(values.samples);
  if (!(seconds > 0 && seconds <= 3600)) throw new RangeError('--seconds is a number up to 3600');
  if (!Number.isInteger(samples) || samples < 1 || samples > 100_000) {
    throw new RangeError('--samples is a number from 1 to 100000');
  }
  return { seconds, samples, peers: !values['no-peers'] };
}

/** Says a line to people: standard output is for the figures. */
export function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}
