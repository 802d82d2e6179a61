// SPDX-License-Identifier: Apache-2.0
// The gateway's second thread: computes what it is asked, one thing after the other (work-thread.ts asks).
import { parentPort } from 'node:worker_threads';
import { sm2 } from '@zhenglian/guomi';
import { fitRows } from '../imports/fit-rows.ts';
import { join, split } from './messages.ts';
import type { Answered, Asked, Outcomes, Task } from './messages.ts';
import { payloadsOf } from './work.ts';

const signers = new Map<number, sm2.Signer>();

parentPort?.on('message', ({ id, task }: Asked) => {
  const answer = answerTo(id, task);
  const { outcome } = answer;
  const own = outcome !== undefined && outcome !== null && 'ends' in outcome ? [outcome] : [];
  parentPort?.postMessage(
    answer,
    own.flatMap(({ bytes, ends }) => [bytes.buffer as ArrayBuffer, ends.buffer as ArrayBuffer]),
  );
});

function answerTo(id: number, task: Task): Answered {
  try {
    return { id, outcome: carryOut(task) };
  } catch {
    return { id };
  }
}

function carryOut(task: Task): Outcomes[keyof Outcomes] {
  switch (task.verb) {
    case 'fit':
      return fitRows(task);
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
