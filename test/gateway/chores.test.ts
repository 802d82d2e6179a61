// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import { seldom, startChores } from '../../gateway/src/chores.ts';

const NEVER = 3_600_000;

describe('gateway: chores', () => {
  /** A step that ends when it is let go, and how often it began. */
  const slowStep = () => {
    const waiting: (() => void)[] = [];
    let begun = 0;
    return {
      begun: () => begun,
      step: () => {
        begun += 1;
        return new Promise<void>((resolve) => waiting.push(resolve));
      },
      async letGo() {
        waiting.shift()?.();
        await turn();
      },
    };
  };
  const warnings: unknown[] = [];
  const log = { warn: (...words: unknown[]) => void warnings.push(words) };

  it('run one at a time, and once more however often they were asked for meanwhile', async () => {
    const slow = slowStep();
    const chores = startChores([slow.step], { every: NEVER, log });
    for (let i = 0; i < 100; i += 1) chores.ask();
    expect(slow.begun()).to.equal(1);
    await slow.letGo();
    expect(slow.begun()).to.equal(2);
    await slow.letGo();
    expect(slow.begun()).to.equal(2);
    chores.ask();
    expect(slow.begun()).to.equal(3);
    await slow.letGo();
    await chores.stop();
  });

  it('do not pile up behind a run that takes longer than the time between two', async () => {
    const slow = slowStep();
    const chores = startChores([slow.step], { every: 1, log });
    while (slow.begun() === 0) await pause(5);
    await pause(50);
    await slow.letGo();
    expect(slow.begun()).to.equal(2);
    const stopped = chores.stop();
    await slow.letGo();
    await stopped;
    await pause(20);
    expect(slow.begun()).to.equal(2);
  });

  it('go on with the next run after one that failed, and say so', async () => {
    let runs = 0;
    const failing = () => {
      runs += 1;
      return runs === 1 ? Promise.reject(new Error('away')) : Promise.resolve();
    };
    let after = 0;
    const chores = startChores([failing, () => Promise.resolve((after += 1))], {
      ...{ every: NEVER, log },
    });
    chores.ask();
    await turn();
    expect([runs, after, warnings.length]).to.eql([1, 0, 1]);
    chores.ask();
    await turn();
    expect([runs, after]).to.eql([2, 1]);
    await chores.stop();
  });

  it('have steps that are done seldom', async () => {
    let done = 0;
    const step = seldom(NEVER, () => Promise.resolve((done += 1)));
    await step();
    await step();
    expect(done).to.equal(1);
  });
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
