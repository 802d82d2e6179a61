// SPDX-License-Identifier: Apache-2.0
// A chaincode host ends between two calls, never in one.
import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { countCalls } from '../../network/fabric/host/count-calls.ts';

describe('fabric: calls of a chaincode host', () => {
  it('it is idle when the last call has been answered, or failed', async () => {
    const answers: ((fails: boolean) => void)[] = [];
    const invoke = () =>
      new Promise<{ status: number }>((resolve, reject) => {
        answers.push((fails) => {
          if (fails) reject(new Error('gone'));
          else resolve({ status: 200 });
        });
      });
    const { dispatch, idle } = wrap(countCalls({ Init: invoke, Invoke: invoke }));
    await idle(); // nothing is being served
    const calls = [dispatch.Invoke(1), dispatch.Init(2)];
    let ended = false;
    const waiting = idle().then(() => (ended = true));
    answers[0]?.(false);
    expect(await calls[0]).to.eql({ status: 200 });
    await sleep(5);
    expect(ended).to.equal(false);
    answers[1]?.(true);
    expect(await calls[1]?.catch(String)).to.equal('Error: gone');
    await waiting;
    expect(ended).to.equal(true);
    await idle();
  });
});

function wrap(counted: ReturnType<typeof countCalls>) {
  return { dispatch: counted.dispatch, idle: () => counted.idle() };
}
