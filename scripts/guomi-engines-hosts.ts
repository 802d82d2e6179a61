// SPDX-License-Identifier: Apache-2.0
// The JavaScript hosts that guomi-engines.ts looks for, and how each is put into a mode.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium } from './chromium.ts';
import type { Browser } from './guomi-engines-page.ts';

export type Mode = 'with SIMD' | 'without SIMD' | 'without WebAssembly';
export type Program = Readonly<{
  argv: readonly string[];
  env?: Readonly<Record<string, string>>;
}>;

/** A host: a program that runs `script` and prints, or a browser; undefined for a mode it has not. */
export type Host = Readonly<{
  name: string;
  /** Environment variable that names the program where it is not found. */
  variable: string;
  find: () => string | undefined;
  program?: (path: string, mode: Mode, script: string) => Program | undefined;
  browser?: (path: string, mode: Mode) => Browser | undefined;
}>;

// V8 gives SIMD only to processors with SSSE3, and WebAssembly only to its compilers.
const V8_FLAGS: Readonly<Record<Mode, string>> = {
  'with SIMD': '',
  'without SIMD': '--no-enable-ssse3',
  'without WebAssembly': '--jitless',
};
const JSC_OPTIONS: Readonly<Record<Mode, string>> = {
  'with SIMD': '',
  'without SIMD': 'useWasmSIMD',
  'without WebAssembly': 'useWasm', // for Bun; browsers are forbidden it by the page's policy
};
/** All of them. */
export const HOSTS: readonly Host[] = [
  {
    name: 'Node',
    variable: 'NODE',
    find: () => process.execPath,
    program: (path, mode, script) => ({ argv: [path, ...flag(V8_FLAGS[mode]), script] }),
  },
  {
    name: 'Deno',
    variable: 'DENO',
    find: () => onPath('deno'),
    program: (path, mode, script) => ({
      argv: [path, 'run', '--allow-read', ...flag(V8_FLAGS[mode], '--v8-flags='), script],
    }),
  },
  {
    name: 'Bun',
    variable: 'BUN',
    find: () => onPath('bun'),
    program: (path, mode, script) => ({ argv: [path, script], env: jsc('BUN_JSC_', mode) }),
  },
  {
    name: 'Chromium',
    variable: 'CHROMIUM',
    find: findChromium,
    browser: (path, mode) => ({
      argv: (address, profile) => [
        path,
        ...['--headless=new', '--no-sandbox', '--no-first-run', `--user-data-dir=${profile}`],
        ...(mode === 'without SIMD' ? flag(V8_FLAGS[mode], '--js-flags=') : []),
        address,
      ],
    }),
  },
  {
    name: 'Firefox',
    variable: 'FIREFOX',
    find: () => onPath('firefox-esr') ?? onPath('firefox'),
    browser: (path, mode) =>
      mode === 'without SIMD'
        ? undefined // no preference turns it off
        : {
            argv: (address, profile) => {
              return [path, '--headless', '--no-remote', '--profile', profile, address];
            },
          },
  },
  {
    name: 'WebKitGTK',
    variable: 'WEBKIT',
    find: findMiniBrowser,
    browser: (path, mode) => ({
      argv: (address) => [...display(), path, address],
      env: jsc('JSC_', mode),
    }),
  },
];

function flag(text: string, prefix = ''): string[] {
  return text === '' ? [] : [prefix + text];
}

function jsc(prefix: string, mode: Mode): Record<string, string> {
  return mode === 'with SIMD' ? {} : { [prefix + JSC_OPTIONS[mode]]: '0' };
}

function onPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(':');
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** WebKitGTK's test browser, which distributions keep off the PATH. */
function findMiniBrowser(): string | undefined {
  const libraries = existsSync('/usr/lib') ? readdirSync('/usr/lib') : [];
  const paths = libraries.flatMap((folder) =>
    ['webkitgtk-6.0', 'webkit2gtk-4.1', 'webkit2gtk-4.0'].map((version) =>
      join('/usr/lib', folder, version, 'MiniBrowser'),
    ),
  );
  return paths.find((path) => existsSync(path));
}

/** A screen for a browser that has no headless mode. */
function display(): string[] {
  const wrapper = onPath('xvfb-run');
  return process.env['DISPLAY'] !== undefined || wrapper === undefined ? [] : [wrapper, '-a'];
}
