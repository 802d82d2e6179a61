// SPDX-License-Identifier: Apache-2.0
// Looks for bytes in all readable memory of a process (Linux): what a core dump or a stolen swap file would show.
import { open, readFile } from 'node:fs/promises';

const PIECE = 8 << 20;

/** How often each of the byte strings occurs in the process's memory. */
export async function findInMemory(
  pid: number,
  wanted: Readonly<Record<string, Uint8Array>>,
): Promise<{ readonly found: Readonly<Record<string, number>>; readonly bytesRead: number }> {
  const found = Object.fromEntries(Object.keys(wanted).map((name) => [name, 0]));
  const longest = Math.max(...Object.values(wanted).map(({ length }) => length));
  const memory = await open(`/proc/${String(pid)}/mem`, 'r');
  const buffer = Buffer.alloc(PIECE + longest);
  let bytesRead = 0;
  try {
    for (const { start, end } of await readableRanges(pid)) {
      for (let at = start; at < end; at += PIECE) {
        const size = Math.min(PIECE + longest - 1, end - at);
        const piece = await memory.read(buffer, 0, size, at).then(
          ({ bytesRead: got }) => buffer.subarray(0, got),
          // Pages that went away, and those that only the kernel reads.
          () => undefined,
        );
        if (piece === undefined) continue;
        bytesRead += Math.min(piece.length, PIECE);
        for (const [name, bytes] of Object.entries(wanted)) {
          found[name] = (found[name] ?? 0) + occurrences(piece, bytes);
        }
      }
    }
  } finally {
    await memory.close();
  }
  return { found, bytesRead };
}

async function readableRanges(pid: number) {
  const maps = await readFile(`/proc/${String(pid)}/maps`, 'utf8');
  return maps.split('\n').flatMap((line) => {
    const [, start = '', end = '', rights = ''] = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line) ?? [];
    if (!rights.startsWith('r') || line.endsWith('[vvar]') || line.endsWith('[vsyscall]'))
      return [];
    return [{ start: Number.parseInt(start, 16), end: Number.parseInt(end, 16) }];
  });
}

function occurrences(piece: Buffer, bytes: Uint8Array): number {
  let count = 0;
  for (let at = piece.indexOf(bytes); at >= 0; at = piece.indexOf(bytes, at + 1)) count += 1;
  return count;
}
