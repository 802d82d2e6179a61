// SPDX-License-Identifier: Apache-2.0
// npm run engines: builds the guomi package and tries it in every JavaScript host that is installed, with SIMD,
// without, and without WebAssembly. A host that is absent gets one line; a check that fails, exit code 1.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { HOSTS, type Host, type Mode, type Program } from './guomi-engines-hosts.ts';
import { runInBrowser } from './guomi-engines-page.ts';
import type { HostReport } from './guomi-engines-sample.ts';

type Files = Readonly<{ folder: string; script: string; browserScript: string }>;

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MODES: readonly Mode[] = ['with SIMD', 'without SIMD', 'without WebAssembly'];
const EXPECTED: Readonly<Record<Mode, RegExp>> = {
  'with SIMD': /^wasm/,
  'without SIMD': /^wasm$/,
  'without WebAssembly': /^complete$/,
};

process.exitCode = await main();

async function main(): Promise<number> {
  const files = await prepare();
  let failures = 0;
  try {
    for (const host of HOSTS) {
      const named = process.env[host.variable];
      const path = named === undefined || named === '' ? host.find() : named;
      if (path === undefined || !existsSync(path)) {
        console.log(`${host.name}: not installed (PATH, or ${host.variable}=…), skipped`);
        continue;
      }
      for (const mode of MODES) failures += await tryHost(host, path, mode, files);
    }
  } finally {
    rmSync(files.folder, { recursive: true, force: true });
  }
  console.log(failures === 0 ? 'all right' : `${failures} failed`);
  return failures === 0 ? 0 : 1;
}

/** Builds and installs the package in a folder outside the workspace, and the two scripts. */
async function prepare(): Promise<Files> {
  const folder = mkdtempSync(join(tmpdir(), 'guomi-engines-'));
  const installed = join(folder, 'node_modules', '@zhenglian', 'guomi');
  execFileSync(process.execPath, [join(ROOT, 'guomi', 'build-package.mjs'), installed]);
  mkdirSync(join(folder, 'node_modules', '@noble'));
  for (const name of ['curves', 'hashes']) {
    const inRoot = join(ROOT, 'node_modules', '@noble', name);
    symlinkSync(inRoot, join(folder, 'node_modules', '@noble', name));
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const source = join(ROOT, 'scripts', 'guomi-engines-sample.ts');
  const script = join(folder, 'main.js');
  await build({
    stdin: {
      contents: `import { runSample } from '${source}'; console.log(JSON.stringify(runSample()));`,
      resolveDir: folder,
    },
    bundle: true,
    format: 'esm',
    external: ['@zhenglian/guomi'],
    outfile: script,
  });
  const { outputFiles } = await build({
    entryPoints: [source],
    bundle: true,
    format: 'esm',
    alias: { '@zhenglian/guomi': join(installed, 'index.js') },
    write: false,
  });
  return { folder, script, browserScript: outputFiles[0]?.text ?? '' };
}

/** Prints a line for each place the sample ran in, and returns how many went wrong. */
async function tryHost(host: Host, path: string, mode: Mode, files: Files): Promise<number> {
  const program = host.program?.(path, mode, files.script);
  const browser = host.browser?.(path, mode);
  if (program === undefined && browser === undefined) {
    console.log(`${host.name}, ${mode}: this host has no such mode, skipped`);
    return 0;
  }
  try {
    if (browser === undefined) {
      const answer = program === undefined ? undefined : runProgram(program);
      return print(`${host.name} ${versionOf(path)}`, mode, answer);
    }
    const { agent, page, worker } = await runInBrowser(
      browser,
      files.browserScript,
      mode !== 'without WebAssembly',
    );
    const name = `${host.name} (${agent.split(' ').slice(-2).join(' ')})`;
    return print(`${name} page`, mode, page) + print(`${name} worker`, mode, worker);
  } catch (error) {
    console.log(`${host.name}, ${mode}: FAILED, ${String(error)}`);
    return 1;
  }
}

function runProgram({ argv, env }: Program): unknown {
  const [path = '', ...args] = argv;
  const output = execFileSync(path, args, { encoding: 'utf8', env: { ...process.env, ...env } });
  return JSON.parse(output);
}

function print(name: string, mode: Mode, answer: unknown): number {
  if (!isReport(answer)) {
    console.log(`${name}, ${mode}: FAILED, ${JSON.stringify(answer)}`);
    return 1;
  }
  const wrong = answer.engines.flatMap(({ engine, failed }) =>
    failed.map((check) => `${engine}: ${check}`),
  );
  if (!EXPECTED[mode].test(answer.chosen)) wrong.push(`chose ${answer.chosen}`);
  const figures = answer.engines.map(
    ({ engine, loads, verifyPerSecond, batchPerSecond, signPerSecond }) =>
      loads
        ? `${engine} ${verifyPerSecond}/${batchPerSecond}/${signPerSecond}`
        : `${engine} does not load`,
  );
  const verdict = wrong.length === 0 ? 'right' : `FAILED (${wrong.join('; ')})`;
  console.log(`${name}, ${mode}: ${verdict}, chose ${answer.chosen}`);
  console.log(`  verify/batch/sign a second: ${figures.join(', ')}`);
  return wrong.length === 0 ? 0 : 1;
}

function isReport(answer: unknown): answer is HostReport {
  return typeof answer === 'object' && answer !== null && 'engines' in answer && 'chosen' in answer;
}

function versionOf(path: string): string {
  const text = execFileSync(path, ['--version'], { encoding: 'utf8' });
  return /\d+(\.\d+)+/.exec(text)?.[0] ?? 'of unknown version';
}
