// SPDX-License-Identifier: Apache-2.0
// The choice of an engine where WebAssembly is missing, blocked or computes wrongly: passed over only when it does not
// load, an error when it errs. Each case in a fresh process, as engines that were loaded are kept.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { readWasm } from '../../guomi/kernel/wasm-reader.ts';
import { BASE64 as CORE } from '../../guomi/src/wasm/module-core.ts';
import { BASE64 as SIMD } from '../../guomi/src/wasm/module-simd.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ENGINE = new URL('../../guomi/src/index.ts', import.meta.url).href;

/** Runs `first` in a fresh process before the package is loaded, then each expression: its value, or the code it throws. */
function answersAfter(first: string, expressions: readonly string[]): readonly string[] {
  const script = `
    ${first}
    const { engine, sm2, sm3, sm4 } = await import(${JSON.stringify(ENGINE)});
    const answers = [];
    for (const ask of [${expressions.map((e) => `() => ${e}`).join(',')}]) {
      try { answers.push(String((await ask()) ?? engine.name)); }
      catch (error) { answers.push(error.code ?? error.name); }
    }
    console.log(JSON.stringify(answers));`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
  const output = execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  return JSON.parse(output.slice(output.lastIndexOf('['))) as string[];
}

const NO_MODULES = `WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError('blocked'); } };`;
const NO_SIMD = `
  const isSimd = (bytes) => Buffer.from(bytes).includes('timeLanes');
  const Module = WebAssembly.Module;
  WebAssembly.Module = class extends Module {
    constructor(bytes) { if (isSimd(bytes)) throw new WebAssembly.CompileError('no SIMD'); super(bytes); }
  };`;
/** Functions whose 0 sends the caller to the complete path: they do nothing and claim success. */
const DECLINING = ['derive', 'multiplyKey'];
/** Modules whose functions can be replaced: \`planted\` holds the wrong ones. */
const PLANTABLE = `
  const Instance = WebAssembly.Instance;
  globalThis.planted = {};
  WebAssembly.Instance = function (module, imports) {
    const { exports } = new Instance(module, imports);
    const wrong = Object.entries(planted).filter(([name]) => Object.hasOwn(exports, name));
    return { exports: { ...exports, ...Object.fromEntries(wrong) } };
  };`;
/** Lanes that lose every race, by a clock of their own; batches enough for one. */
const LOSING_LANES = `
  let time = 0;
  performance.now = () => (time += 0.001);
  planted.timeLanes = (rounds) => void (time += rounds);
  planted.timeScalar = (rounds) => void (time += rounds / 9);
  globalThis.batches = (sm2) => {
    const pair = sm2.generateKeyPair();
    const message = new Uint8Array(8);
    const item = { ...pair, message, signature: sm2.sign(message, pair.secretKey) };
    return [256, 6, 6].every((size) => sm2.verifyBatch(Array(size).fill(item)).every(Boolean));
  };`;
/** A module that takes every signature for good. */
const WRONG = `${PLANTABLE} planted.verify = () => 1;`;
/** Functions that give no answer of their own: clean-up, the race, and what is linked between the modules. */
const SILENT = ['wipe', 'sm4Wipe', 'timeLanes', 'timeScalar', 'cachedKeys', 'sm3Start'];

describe('guomi: the choice of an engine', function () {
  this.timeout(120_000);

  it('does not load where compiling is refused, and steps down to the complete path', () => {
    const asked = [`engine.name`, `engine.use('wasm')`, `engine.use('wasm-simd')`, `engine.name`];
    const unavailable = 'ENGINE_UNAVAILABLE';
    expect(answersAfter(NO_MODULES, [...asked, `engine.use('complete')`])).to.deep.equal([
      'complete',
      unavailable,
      unavailable,
      'complete',
      'complete',
    ]);
  });

  it('takes the scalar module where only the one with SIMD does not load', () => {
    expect(answersAfter(NO_SIMD, [`engine.name`, `engine.use()`])[0]).to.equal('wasm');
  });

  it('refuses a module that computes wrongly, and never steps down from it in silence', () => {
    const asked = [`engine.use('wasm')`, `engine.name`, `sm3.hash(new Uint8Array(1))`];
    const failed = 'SELF_TEST_FAILED';
    expect(answersAfter(WRONG, asked)).to.deep.equal([failed, failed, failed]);
    expect(answersAfter(WRONG, [`engine.use('complete')`, `engine.name`])).to.deep.equal([
      'complete',
      'complete',
    ]);
  });

  it('calls a self-test failed that does not come to its end', () => {
    const trapping = `${PLANTABLE} planted.verify = () => { throw new WebAssembly.RuntimeError('planted'); };`;
    expect(answersAfter(trapping, [`engine.use('wasm')`])).to.deep.equal(['SELF_TEST_FAILED']);
  });

  it('refuses an engine of another name, and another engine in its place', () => {
    const asked = [
      `engine.use('fast')`,
      `engine.use('')`,
      `(engine.use = () => undefined)`,
      `engine.use('complete')`,
    ];
    const unavailable = 'ENGINE_UNAVAILABLE';
    expect(answersAfter('', asked)).to.deep.equal([
      unavailable,
      unavailable,
      'TypeError',
      'complete',
    ]);
  });

  for (const [name, text] of [
    ['wasm', CORE],
    ['wasm-simd', SIMD],
  ] as const) {
    const functions = [...readWasm(Buffer.from(text, 'base64')).exports.keys()];
    const answering = functions.filter((made) => ![...SILENT, 'mul', 'invert'].includes(made));
    it(`${name}: fails its self-test when any one of ${answering.length} functions does nothing`, () => {
      const failing = answering.map(
        (made) =>
          `(globalThis.planted = { ${made}: () => ${DECLINING.includes(made) ? 1 : 0} }, engine.use('${name}'), '${made} was not missed')`,
      );
      const answers = answersAfter(PLANTABLE, [
        ...failing,
        `(planted = {}, engine.use('${name}'))`,
      ]);
      expect(answers).to.deep.equal([...answering.map(() => 'SELF_TEST_FAILED'), name]);
    });
  }

  for (const [what, before, expected] of [
    ['changes to the module without lanes', '', 'wasm'],
    [
      'stays where that one does not load',
      'WebAssembly.Instance = function () { throw 0; }',
      'wasm-simd',
    ],
    ['stays where that one errs', 'planted.verify = () => 1', 'wasm-simd'],
    ['stays where it was asked for by name', "engine.use('wasm-simd')", 'wasm-simd'],
  ] as const) {
    it(`where lanes lose, it ${what}`, () => {
      const asked = ['engine.name', `{ ${before} }`, 'batches(sm2)', 'engine.name'];
      const answers = answersAfter(`${PLANTABLE} ${LOSING_LANES}`, asked);
      expect(answers.filter((_, i) => i !== 1)).to.deep.equal(['wasm-simd', 'true', expected]);
    });
  }

  it('refuses SM4 in JavaScript that computes wrongly', () => {
    // The circuit of the S-box is the one place that shifts by these planes: a wrong XOR there shows.
    const asked = [
      `engine.use('complete')`,
      `(Uint8Array.prototype.set = () => undefined, sm4.ctr(new Uint8Array(16), new Uint8Array(16), new Uint8Array(1)))`,
    ];
    expect(answersAfter('', asked)).to.deep.equal(['complete', 'SELF_TEST_FAILED']);
  });

  it('stays with an engine that was asked for by name, also when `ready` has waited', async () => {
    const asked = [
      `engine.use('complete')`,
      `engine.ready()`,
      `engine.name`,
      `engine.use()`,
      `engine.ready()`,
    ];
    const [forced, , stayed, ...free] = answersAfter('', asked);
    expect([forced, stayed]).to.deep.equal(['complete', 'complete']);
    expect(free).to.not.include('complete');
  });

  it('takes the fast engine in `ready` when compiling at once is refused, unless one was asked for', () => {
    const asked = [`engine.name`, `engine.ready()`];
    expect(answersAfter(NO_MODULES, asked)).to.satisfy(
      ([first, second]: string[]) => first === 'complete' && second?.startsWith('wasm'),
    );
    const meanwhile = `(engine.use(), Promise.all([engine.ready(), engine.use('complete')]).then(() => engine.name))`;
    expect(answersAfter(NO_MODULES, [meanwhile])).to.deep.equal(['complete']);
  });
});
