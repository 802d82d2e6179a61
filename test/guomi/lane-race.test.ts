// SPDX-License-Identifier: Apache-2.0
// One lane or two, chosen by timing: kernels and clocks that are not real, so that the answer is known.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { lanesWin } from '../../guomi/src/wasm/lane-race.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const INDEX = new URL('../../guomi/src/index.ts', import.meta.url).href;
const SCALAR_MS = 60e-6; // of a product
/** Of a reading of the clock. */
const READING_MS = 30e-6;

type Machine = Readonly<{
  /** Milliseconds in which the clock moves. */
  tick: number;
  /** How much slower two lanes are. */
  factor: number;
  /** Runs before the compiler has settled, each ten times slower. */
  cold?: number;
  /** Every so many runs, one is interrupted for 5 ms. */
  interrupted?: number;
}>;

describe('guomi: the race between one lane and two', () => {
  for (const tick of [0.005, 0.1, 1]) {
    for (const [factor, wins] of [
      [2, false],
      [1.2, false],
      [0.8, true],
      [0.5, true],
    ] as const) {
      it(`says ${wins ? 'two' : 'one'} where two lanes take ${factor} times as long, by a clock of ${tick} ms`, () => {
        expect(race({ tick, factor }).wins).to.equal(wins);
        expect(race({ tick, factor, cold: 5 }).wins, 'cold').to.equal(wins);
        expect(race({ tick, factor, interrupted: 3 }).wins, 'interrupted').to.equal(wins);
      });
    }
  }

  it('takes a few milliseconds with a fine clock, and samples of ten ticks with a coarse one', () => {
    expect(race({ tick: 0.005, factor: 0.6 }).spent).to.be.lessThan(15);
    const coarse = race({ tick: 1, factor: 0.6 });
    expect(coarse.shortest).to.be.at.least(10);
    expect(coarse.spent).to.be.lessThan(400);
  });

  it('says two where there is nothing to compare, or where the clock stands still', () => {
    expect(lanesWin({ timeScalar: () => undefined })).to.equal(true);
    const idle = { timeLanes: () => undefined, timeScalar: () => undefined };
    expect(lanesWin(idle, () => 0)).to.equal(true);
  });

  for (const [factor, expected] of [
    [2, 'wasm'],
    [0.5, 'wasm-simd'],
  ] as const) {
    for (const tick of [0.005, 1]) {
      it(`takes ${expected} after 256 signatures in batches where two lanes take ${factor} times as long, by a clock of ${tick} ms`, () => {
        const before = 'true,wasm-simd,'.repeat(3);
        expect(engineOn(factor, tick)).to.equal(`${before}true,${expected},${expected}`);
      }).timeout(60_000);
    }
  }
});

/** The race on a machine that is not real: its answer, what it took, and the shortest sample that counted. */
function race({ tick, factor, cold = 0, interrupted = 0 }: Machine): Readonly<{
  wins: boolean;
  spent: number;
  shortest: number;
}> {
  let time = 0;
  const samples: number[] = [];
  const run =
    (product: number) =>
    (rounds: number): void => {
      const isInterrupted = interrupted > 0 && samples.length % interrupted === interrupted - 1;
      const spent = 2 * rounds * product * (samples.length < cold ? 10 : 1);
      samples.push(spent);
      time += spent + (isInterrupted ? 5 : 0);
    };
  const now = (): number => {
    time += READING_MS;
    return Math.floor(time / tick) * tick;
  };
  const wins = lanesWin({ timeLanes: run(factor * SCALAR_MS), timeScalar: run(SCALAR_MS) }, now);
  return { wins, spent: time, shortest: Math.min(...samples.slice(-8)) };
}

/** The engines that a fresh process takes, and its answers, whose kernels and clock are replaced for the race. */
function engineOn(factor: number, tick: number): string {
  const script = `
    const Instance = WebAssembly.Instance;
    let time = 0;
    performance.now = () => Math.floor((time += ${READING_MS}) / ${tick}) * ${tick};
    WebAssembly.Instance = function (module, imports) {
      const { exports } = new Instance(module, imports);
      const made = { ...exports, timeScalar: (rounds) => (time += 2 * rounds * ${SCALAR_MS}) };
      if ('timeLanes' in exports) made.timeLanes = (rounds) => (time += 2 * rounds * ${factor * SCALAR_MS});
      return { exports: made };
    };
    const { engine, sm2 } = await import(${JSON.stringify(INDEX)});
    const { secretKey, publicKey } = sm2.generateKeyPair();
    const message = Uint8Array.of(1);
    const item = { message, signature: sm2.sign(message, secretKey), publicKey };
    const batch = (size) => [sm2.verifyBatch(Array(size).fill(item)).every(Boolean), engine.name];
    for (let n = 0; n < 300; n += 1) sm2.verify(item.signature, message, publicKey);
    const answers = [...batch(200), ...batch(56), ...batch(5), ...batch(6)];
    engine.use();
    console.log([...answers, engine.name].join());`;
  const argv = ['--import', 'tsx', '--input-type=module', '--eval', script];
  return execFileSync(process.execPath, argv, { cwd: ROOT, encoding: 'utf8' }).trim();
}
