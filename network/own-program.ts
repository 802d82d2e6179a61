// SPDX-License-Identifier: Apache-2.0
// How a program of this repository is started as a process of its own: built, where an npm command has built it
// (scripts/build.mjs), else its source through tsx, which takes seconds of a processor to load.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Arguments for Node that run the program whose main file this is. */
export function programArguments(source: string): readonly string[] {
  const built = builtProgram(source);
  if (built !== undefined) return [built];
  const loader = createRequire(import.meta.url).resolve('tsx');
  return ['--import', pathToFileURL(loader).href, source];
}

/** The built program of this main file, where there is one: a thread can be made of no other. */
export function builtProgram(source: string): string | undefined {
  const folder = env['ZHENGLIAN_PROGRAMS'];
  const built = join(folder ?? '', builtName(source));
  return folder !== undefined && existsSync(built) ? built : undefined;
}

/** `gateway/src/main.ts` is built as `gateway-src-main.mjs`. */
function builtName(source: string): string {
  return relative(ROOT, source).replaceAll(/[\\/]/g, '-').replace(/\.ts$/, '.mjs');
}
