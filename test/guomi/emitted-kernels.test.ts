// SPDX-License-Identifier: Apache-2.0
// The limb programs as they run: compiled once more with their kernels exported, scalar and in two lanes, on limbs at
// random and at the limits of their ranges, beside the same program over BigInts.
import { expect } from 'chai';
import { elementBox, specialInputs } from '../../guomi/kernel/bounds.ts';
import { buildModule } from '../../guomi/kernel/build.ts';
import { FIELD_SPECS, fieldKernel, rawDifferenceKernel } from '../../guomi/kernel/field.ts';
import type { Element } from '../../guomi/kernel/interval.ts';
import { stepFieldKernel, stepKernel, stepOrderKernel } from '../../guomi/kernel/inverse.ts';
import { LIMBS, type Kernel } from '../../guomi/kernel/ir.ts';
import { orderKernel } from '../../guomi/kernel/order.ts';
import { runKernel } from '../../guomi/kernel/reference.ts';
import { AREA } from '../../guomi/src/wasm/layout.ts';
import { limbsIn } from './limbs.ts';
import { seededRandom } from './oracles.ts';

const ROUNDS = process.env['SLOW'] === '1' ? 5_000 : 200;
const BYTES_APART = 128;
const random = seededRandom(process.env['SEED'] ?? 'emitted');
const box = elementBox();
/** What kernels take is wider than what they give: raw differences, and y of entries that were negated. */
const WIDER = new Map<string, Readonly<Record<string, Element>>>();
for (const [name, wider] of specialInputs(box)) WIDER.set(name, { ...WIDER.get(name), ...wider });

/** What Node has of WebAssembly; its types know nothing of it. */
interface Compiler {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Exports };
}
type Exports = Readonly<Record<string, unknown>>;
type Limbs = readonly bigint[];
type Run = (...pointers: readonly number[]) => void;

describe('guomi kernels as they are emitted', () => {
  let modules: Readonly<{ core: Exports; simd: Exports; memory: DataView }>;

  before(async function () {
    this.timeout(120_000);
    const scalar = [...field(), ...ofScalars()].map(({ name }) => name).join(', ');
    const two = field()
      .map(({ name }) => `${name} as ${name}2`)
      .join(', ');
    const core = instanceOf(
      await moduleWith('core', `export { ${scalar} } from './kernel';\n`),
      {},
    );
    const simd = instanceOf(await moduleWith('simd', `export { ${two} } from './kernel2';\n`), {
      env: { memory: memoryOf(core) },
      core,
    });
    modules = { core, simd, memory: new DataView(memoryOf(core).buffer) };
  });

  for (const kernel of field()) {
    it(`${kernel.name}: one element, and two side by side`, () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const [first, second] = [inputsOf(kernel, round), inputsOf(kernel, round + 1)];
        const expected = [runKernel(kernel, first), runKernel(kernel, second)];
        expect(runOne(kernel, first)).to.deep.equal(expected[0]);
        expect(runTwo(kernel, first, second)).to.deep.equal(expected);
      }
    });
  }

  for (const kernel of ofScalars()) {
    it(`${kernel.name}: one element`, () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const inputs = inputsOf(kernel, round);
        expect(runOne(kernel, inputs)).to.deep.equal(runKernel(kernel, inputs));
      }
    });
  }

  it('would show a wrong limb: the comparison can fail', () => {
    const kernel = field()[0];
    if (kernel === undefined) throw new Error('no kernel');
    const inputs = inputsOf(kernel, 0);
    const [first = [], ...rest] = inputs.values();
    const other = [[...first.slice(0, 8), (first[8] ?? 0n) ^ 1n], ...rest];
    const wrong = new Map([...inputs.keys()].map((name, i) => [name, other[i] ?? []]));
    expect(runOne(kernel, wrong)).to.not.deep.equal(runKernel(kernel, inputs));
  });

  function runOne(kernel: Kernel, inputs: ReadonlyMap<string, Limbs>): Limbs {
    const { core, memory } = modules;
    const [output, ...pointers] = placesOf(kernel);
    for (const [i, name] of kernel.pointers.entries()) {
      const at = pointers[i] ?? 0;
      for (const [limb, value] of (inputs.get(name) ?? []).entries()) {
        memory.setInt32(at + 4 * limb, Number(value), true);
      }
    }
    runOf(core, kernel.name)(output, ...pointers);
    return read(memory, output, 4);
  }

  /** Two elements: limb by limb, one beside the other. */
  function runTwo(
    kernel: Kernel,
    first: ReadonlyMap<string, Limbs>,
    second: ReadonlyMap<string, Limbs>,
  ): readonly Limbs[] {
    const { simd, memory } = modules;
    const [output, ...pointers] = placesOf(kernel);
    for (const [lane, inputs] of [first, second].entries()) {
      for (const [i, name] of kernel.pointers.entries()) {
        const at = (pointers[i] ?? 0) + 4 * lane;
        for (const [limb, value] of (inputs.get(name) ?? []).entries()) {
          memory.setInt32(at + 8 * limb, Number(value), true);
        }
      }
    }
    runOf(simd, `${kernel.name}2`)(output, ...pointers);
    return [read(memory, output, 8), read(memory, output + 4, 8)];
  }
});

function field(): readonly Kernel[] {
  return [...FIELD_SPECS.map(fieldKernel), rawDifferenceKernel()];
}

/** What works modulo n, and the steps of an inversion. */
function ofScalars(): readonly Kernel[] {
  return [orderKernel(), stepKernel(), stepFieldKernel(), stepOrderKernel()];
}

const compiler = (globalThis as unknown as { readonly WebAssembly: Compiler }).WebAssembly;

function moduleWith(name: 'core' | 'simd', more: string): Promise<Uint8Array> {
  return buildModule(name, (file, source) => (file === 'index.ts' ? source + more : source));
}

function instanceOf(binary: Uint8Array, imports: object): Exports {
  return new compiler.Instance(new compiler.Module(binary), imports).exports;
}

function memoryOf({ memory }: Exports): { readonly buffer: ArrayBuffer } {
  if (typeof memory !== 'object' || memory === null || !('buffer' in memory)) {
    throw new TypeError('the module has no memory');
  }
  return memory as { readonly buffer: ArrayBuffer };
}

function runOf(exports: Exports, name: string): Run {
  const found = exports[name];
  if (typeof found !== 'function') throw new TypeError(`${name} is not exported`);
  return found as Run;
}

function placesOf({ pointers }: Kernel): [number, ...number[]] {
  return [AREA.work, ...pointers.map((_, i) => AREA.work + BYTES_APART * (i + 1))];
}

function read(memory: DataView, at: number, apart: number): Limbs {
  return Array.from({ length: LIMBS }, (_, limb) =>
    BigInt(memory.getInt32(at + apart * limb, true)),
  );
}

function inputsOf({ name, pointers }: Kernel, round: number): ReadonlyMap<string, Limbs> {
  return new Map(
    pointers.map((pointer) => [pointer, limbsIn(rangeOf(name, pointer), random, round)]),
  );
}

/** What docs/guomi.md says each kernel may be given. */
function rangeOf(kernel: string, pointer: string): Element {
  if (pointer === 'm') return [entry(), entry()];
  if (kernel === 'step') return carried(-(1n << 24n) - 1n, (1n << 24n) + 1n);
  if (kernel.startsWith('step')) return carried(-22n << 24n, 22n << 24n);
  if (kernel === 'orderMul') return carried(0n, 1n << 25n);
  return WIDER.get(kernel)?.[pointer] ?? box;
}

function entry(): Element[number] {
  return { low: -(1n << 29n), high: 1n << 29n };
}

function carried(low: bigint, high: bigint): Element {
  return Array.from({ length: LIMBS }, (_, limb) =>
    limb < LIMBS - 1 ? { low: 0n, high: (1n << 29n) - 1n } : { low, high },
  );
}
