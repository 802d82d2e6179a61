// SPDX-License-Identifier: Apache-2.0
// The choice of an engine where WebAssembly is missing, blocked or computes wrongly: passed over only when it does not
// load, an error when it errs. Each case in a fresh process, as engines that were loaded are kept.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ENGINE = new URL('../../guomi/src/index.ts', import.meta.url).href;

/** Runs `first` in a fresh process before the package is loaded, then each expression: its value, or the code it throws. */
function answersAfter(first: string, expressions: readonly string[]): readonly string[] {
  const script = `
    ${first}
    const { engine, sm3 } = await import(${JSON.stringify(ENGINE)});
    const answers = [${expressions.map((e) => `() => ${e}`).join(',')}].map((ask) => {
      try { return String(ask() ?? engine.name); } catch (error) { return error.code ?? String(error); }
    });
    console.log(JSON.stringify(answers));`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
  const output = execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  return JSON.parse(output.slice(output.lastIndexOf('['))) as string[];
}

const NO_MODULES = `WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError('blocked'); } };`;
const NO_SIMD = `
  const Module = WebAssembly.Module;
  let made = 0;
  WebAssembly.Module = class extends Module {
    constructor(bytes) { if (made++ === 0) throw new WebAssembly.CompileError('no SIMD'); super(bytes); }
  };`;
/** A module that takes every signature for good. */
const WRONG = `
  const Instance = WebAssembly.Instance;
  WebAssembly.Instance = function (module, imports) {
    const { exports } = new Instance(module, imports);
    return { exports: { ...exports, verify: () => 1 } };
  };`;

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
});
