// SPDX-License-Identifier: Apache-2.0
// The files of this repository as the house rules see them: those git knows or would take.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the repository begins. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** One file: its path from the root with forward slashes, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** The files whose path matches, tracked or not yet committed, without ignored ones. */
export function readSources(pattern: RegExp): SourceFile[] {
  const listing = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const paths = listing.split('\0').filter((path) => pattern.test(path));
  return paths
    .filter((path) => existsSync(join(ROOT, path)))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}
