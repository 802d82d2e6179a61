// SPDX-License-Identifier: Apache-2.0
// The gateway's second thread: computes what it is asked, one thing after the other (work-thread.ts asks).
import { parentPort } from 'node:worker_threads';
import { sm2 } from '@zhenglian/guomi';
import { fitRows } from '../imports/fit-rows.ts';
import { stepAtOnce } from '../turns.ts';
import { join, split } from './messages.ts';
import type { Answered, Asked, Outcomes, Task } from './messages.ts';
import { payloadsOf } from './work.ts';

const signers = new Map<number, sm2.Signer>();

parentPort?.on('message', ({ id, task }: Asked) => {
  const answer = answerTo(id, task);
  const joined = 'outcome' in answer && answer.outcome !== null && 'ends' in answer.outcome;
  const buffers = joined ? [answer.outcome.bytes.buffer, answer.outcome.ends.buffer] : [];
  parentPort?.postMessage(answer, buffers as ArrayBuffer[]);
});
// What cannot be read cannot be answered: whoever waits is told by the end of this thread.
parentPort?.on('messageerror', () => process.exit(1));

function answerTo(id: number, task: Task): Answered {
  try {
    return { id, outcome: carryOut(task) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
    return { id, failed: code };
  }
}

function carryOut(task: Task): Outcomes[keyof Outcomes] {
  switch (task.verb) {
    case 'fit':
      return stepAtOnce(fitRows(task));
    case 'payloads':
      return join(payloadsOf(task));
    case 'open':
      signers.get(task.key)?.close();
      signers.set(task.key, sm2.createSigner(task.secretKey));
      task.secretKey.fill(0);
      return null;
    case 'sign': {
      const signer = signers.get(task.key);
      if (signer === undefined) throw new TypeError('a key that was not opened');
      return join(signer.signBatch(split(task.messages)));
    }
    case 'close':
      signers.get(task.key)?.close();
      signers.delete(task.key);
      return null;
  }
}
