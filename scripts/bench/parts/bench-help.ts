// SPDX-License-Identifier: Apache-2.0
// What a benchmark measures and takes, in the words at the head of its own file: they are written once.
import { readFileSync } from 'node:fs';

/** Help for one benchmark out of its source: the comment at its head, then what stands above its `bench`. */
export function benchHelp(name: string, source: string): string {
  const lines = source.split('\n');
  const head = lines.slice(
    1,
    lines.findIndex((line, i) => i > 0 && !line.startsWith('//')),
  );
  const text = head
    .map((line) => line.slice(2).trim())
    .join(' ')
    .replace(/^npm run bench -- \S+: /, '');
  const above = source.split(/\*\/\nexport (?:const|async function|function) bench\b/)[0] ?? '';
  const told = above
    .slice(above.lastIndexOf('/**') + 3)
    .split('\n')
    .map((line) => line.replace(/^\s*\*?\s?/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('@'))
    .join(' ');
  return `npm run bench -- ${name} [--json] [options]\n\n${text}\n${told}\n\n“met”, “not met here”: what was asked of a figure was reached on this machine or not. Rates and times move with the machine and fail nothing; a ratio or a memory that was asked for and missed is MISSED.\n`;
}

/** The same, of a file. */
export function readBenchHelp(name: string, path: string): string {
  return benchHelp(name, readFileSync(path, 'utf8'));
}
