// SPDX-License-Identifier: Apache-2.0
// Compiles the WebAssembly modules: generated kernels and the AssemblyScript beside this file.
// `npx tsx guomi/kernel/build.ts` writes the committed modules; the tests build them again and compare.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';
import {
  AREA,
  BASE_COMB,
  BATCH_GROUP,
  BATCH_MAX,
  CACHE_KEYS,
  CHUNK_BYTES,
  COLUMNS,
  HEAP,
  KEY_COMB,
  SIGN_BATCH_MAX,
  SLOT_BYTES,
} from '../src/wasm/layout.ts';
import { emitImports, emitModule } from './emit.ts';
import { FIELD_SPECS, fieldKernel, rawDifferenceKernel } from './field.ts';
import { stepFieldKernel, stepKernel, stepOrderKernel } from './inverse.ts';
import { orderKernel } from './order.ts';
import { emitSm3, emitSm3Four, emitSm3Vector } from './sm3.ts';
import { emitSboxTypeScript, emitSm4 } from './sm4.ts';

const SOURCES = new URL('./assembly/', import.meta.url);

/** `core` does everything; `simd` works in core's memory and does some of it in two or four lanes. */
export type ModuleName = 'core' | 'simd';

/** The bytes of one module; `edit` may change a source first, to plant what a test must find. @throws Error with the compiler's words */
export async function buildModule(
  module: ModuleName,
  edit: (name: string, source: string) => string = (_, source) => source,
): Promise<Uint8Array> {
  const files = new Map([...sources(module)].map(([name, text]) => [name, edit(name, text)]));
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
  const features = module === 'simd' ? ['--enable', 'simd', '--importMemory'] : [];
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

function sources(module: ModuleName): Map<string, string> {
  const files = new Map<string, string>();
  // x-core.as and x-simd.as are `./x` to the module of that name.
  const own = new RegExp(`(-${module})?\\.as$`);
  for (const name of readdirSync(SOURCES)) {
    const text = readFileSync(new URL(name, SOURCES), 'utf8');
    const isShared = !/-(core|simd)\.as$/.test(name);
    if (isShared && files.has(name.replace('.as', '.ts'))) continue;
    files.set(name.replace(own, '.ts'), text);
  }
  for (const [name, text] of Object.entries(generated(module))) files.set(`${name}.ts`, text);
  return files;
}

function generated(module: ModuleName): Record<string, string> {
  const field = [...FIELD_SPECS.map(fieldKernel), rawDifferenceKernel()];
  const scalar = [...field, orderKernel(), stepKernel(), stepFieldKernel(), stepOrderKernel()];
  const layout = layoutSource();
  if (module === 'core') {
    return { layout, kernel: emitModule(scalar, 'scalar'), sm3: emitSm3(), sm4: emitSm4() };
  }
  const [kernel, kernel2] = [emitImports(scalar), emitModule(field, 'simd')];
  return { layout, kernel, kernel2, sm3: emitSm3Vector(), sm3four: emitSm3Four() };
}

function layoutSource(): string {
  const numbers: Readonly<Record<string, number>> = {
    KEY_TEETH: KEY_COMB.teeth,
    KEY_TABLES: KEY_COMB.tables,
    BASE_TEETH: BASE_COMB.teeth,
    BASE_TABLES: BASE_COMB.tables,
    COLUMNS,
    BATCH_GROUP,
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

export function moduleSource(module: ModuleName, binary: Uint8Array): string {
  const digest = createHash('sha256').update(binary).digest('hex');
  return [
    '// SPDX-License-Identifier: Apache-2.0',
    `// The ${module} module, made by guomi/kernel/build.ts; a test builds it again and compares.`,
    `export const SHA256 = '${digest}';`,
    `export const BYTES = ${binary.length};`,
    `export const BASE64 =\n  '${Buffer.from(binary).toString('base64')}';`,
    '',
  ].join('\n');
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  writeFileSync(new URL('../sm4-sbox.ts', OUTPUT), emitSboxTypeScript());
  for (const module of ['core', 'simd'] as const) {
    const binary = await buildModule(module);
    writeFileSync(new URL(`module-${module}.ts`, OUTPUT), moduleSource(module, binary));
    console.log(module, binary.length, 'bytes');
  }
}
