// SPDX-License-Identifier: Apache-2.0
// Compiles the WebAssembly modules: generated kernels and the AssemblyScript beside this file.
// `npx tsx guomi/kernel/build.ts` writes the committed modules; the tests build them again and compare.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';
import {
  AREA,
  BASE_COMB,
  BATCH_MAX,
  CACHE_KEYS,
  CHUNK_BYTES,
  COLUMNS,
  HEAP,
  KEY_COMB,
  SIGN_BATCH_MAX,
  SLOT_BYTES,
} from '../src/wasm/layout.ts';
import { emitModule, type Target } from './emit.ts';
import { FIELD_SPECS, fieldKernel, rawDifferenceKernel } from './field.ts';
import { stepFieldKernel, stepKernel, stepOrderKernel } from './inverse.ts';
import { orderKernel } from './order.ts';
import { emitSm3, emitSm3Four, emitSm3Vector } from './sm3.ts';
import { emitSboxTypeScript, emitSm4 } from './sm4.ts';

const SOURCES = new URL('./assembly/', import.meta.url);

/** The bytes of one module; `edit` may change a source first, to plant what a test must find. @throws Error with the compiler's words */
export async function buildModule(
  target: Target,
  edit: (name: string, source: string) => string = (_, source) => source,
): Promise<Uint8Array> {
  const files = new Map([...sources(target)].map(([name, text]) => [name, edit(name, text)]));
  let binary: Uint8Array | undefined;
  const flags = [
    '-O3',
    '--runtime',
    'stub',
    '--noAssert',
    '--use',
    'abort=',
    '--initialMemory',
    String(Math.ceil(HEAP / 65536) + 1),
    '--memoryBase',
    String(HEAP),
  ];
  const features = target === 'simd' ? ['--enable', 'simd'] : [];
  const { error, stderr } = await asc.main(
    ['index.ts', '-o', 'module.wasm', ...flags, ...features],
    {
      readFile: (name) => files.get(name.replace(/^\.\//, '')) ?? null,
      writeFile: (_name, contents) => {
        if (contents instanceof Uint8Array) binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || binary === undefined)
    throw new Error(`asc: ${stderr.toString().slice(0, 2000)}`);
  return Uint8Array.from(binary);
}

function sources(target: Target): Map<string, string> {
  const kernels = [...FIELD_SPECS.map(fieldKernel), rawDifferenceKernel()];
  const files = new Map<string, string>();
  for (const name of readdirSync(SOURCES)) {
    files.set(name.replace(/\.as$/, '.ts'), readFileSync(new URL(name, SOURCES), 'utf8'));
  }
  const take = (name: string): string => files.get(`${name}-${target}.ts`) ?? '';
  files.set('lanes.ts', take('lanes'));
  files.set('parts.ts', take('parts'));
  const scalar = [...kernels, orderKernel(), stepKernel(), stepFieldKernel(), stepOrderKernel()];
  files.set('kernel.ts', emitModule(scalar, 'scalar'));
  files.set('kernel2.ts', target === 'simd' ? emitModule(kernels, 'simd') : '');
  files.set('sm3.ts', target === 'simd' ? emitSm3Vector() : emitSm3());
  files.set('sm4.ts', emitSm4());
  files.set('sm3four.ts', target === 'simd' ? emitSm3Four() : '');
  files.set('layout.ts', layoutSource());
  return files;
}

function layoutSource(): string {
  const numbers: Readonly<Record<string, number>> = {
    KEY_TEETH: KEY_COMB.teeth,
    KEY_TABLES: KEY_COMB.tables,
    BASE_TEETH: BASE_COMB.teeth,
    BASE_TABLES: BASE_COMB.tables,
    COLUMNS,
    BATCH_MAX,
    SIGN_BATCH_MAX,
    CACHE_KEYS,
    SLOT_BYTES,
    CHUNK_BYTES,
  };
  const upper = (name: string): string => name.replace(/[A-Z]/g, '_$&').toUpperCase();
  return [
    `export const HEAP: usize = ${HEAP};`,
    ...Object.entries(AREA).map(([name, at]) => `export const ${upper(name)}: usize = ${at};`),
    ...Object.entries(numbers).map(([name, value]) => `export const ${name}: i32 = ${value};`),
  ].join('\n');
}

const OUTPUT = new URL('../src/wasm/', import.meta.url);

export function moduleSource(target: Target, binary: Uint8Array): string {
  const digest = createHash('sha256').update(binary).digest('hex');
  return [
    '// SPDX-License-Identifier: Apache-2.0',
    `// The ${target} module, made by guomi/kernel/build.ts; a test builds it again and compares.`,
    `export const SHA256 = '${digest}';`,
    `export const BYTES = ${binary.length};`,
    `export const BASE64 =\n  '${Buffer.from(binary).toString('base64')}';`,
    '',
  ].join('\n');
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  writeFileSync(new URL('../sm4-sbox.ts', OUTPUT), emitSboxTypeScript());
  for (const target of ['scalar', 'simd'] as const) {
    const binary = await buildModule(target);
    writeFileSync(new URL(`module-${target}.ts`, OUTPUT), moduleSource(target, binary));
    console.log(target, binary.length, 'bytes');
  }
}
