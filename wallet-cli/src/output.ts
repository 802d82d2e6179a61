// SPDX-License-Identifier: Apache-2.0
// Texts for a terminal. What others wrote (names, audiences, labels) must not steer it.
import { writeFile } from 'node:fs/promises';
import { walletError } from './wallet-error.ts';

/** A text without control and direction characters, but for line ends. */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]|[\u202A-\u202E\u2066-\u2069\u2028\u2029]/gu, '\uFFFD');
}

/** Rows under each other, columns two spaces apart; a Chinese character is two wide. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, i) =>
    Math.max(...rows.map((row) => widthOf(row[i] ?? ''))),
  );
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell + ' '.repeat((widths[i] ?? 0) - widthOf(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Writes a file that only the owner reads. @throws OUTPUT_UNWRITABLE */
export async function writeOutput(path: string, content: Uint8Array | string): Promise<void> {
  try {
    await writeFile(path, content, { mode: 0o600 });
  } catch (cause) {
    throw walletError('OUTPUT_UNWRITABLE', 'the file cannot be written', { cause });
  }
}

const WIDE = /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60]/u;

function widthOf(text: string): number {
  return [...text].reduce((sum, character) => sum + (WIDE.test(character) ? 2 : 1), 0);
}
