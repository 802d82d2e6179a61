// SPDX-License-Identifier: Apache-2.0
// A thread that answers questions: begun when it is first asked, again when it has died, and left alone for a while when it
// keeps dying. It is only ever the program that was there when the gateway began: another version would sign other bytes.
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Log } from '../log.ts';
import type { Answered, Asked, Outcomes, Task } from './messages.ts';

interface Waiting {
  readonly verb: Task['verb'];
  readonly resolve: (outcome: never) => void;
  readonly reject: (cause: Error) => void;
}

/** Its young objects die in milliseconds: more room for them would only be more memory. */
const YOUNG_MB = 16;
/** Deaths without an answer between them, after which it is not begun for so many milliseconds. */
const DEATHS = 3;
const REST_MS = 60_000;

export class Thread {
  readonly #log: Pick<Log, 'warn'>;
  readonly #program: string;
  readonly #content: Buffer;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #run = 0;
  #next = 0;
  #keys = 0;
  #deaths = 0;
  #restsUntil = 0;
  #closed = false;

  constructor(log: Pick<Log, 'warn'>, program: string) {
    this.#log = log;
    this.#program = program;
    this.#content = readFileSync(program);
  }

  /** A name for a key, the same in whichever run. */
  nameKey(): number {
    return this.#keys++;
  }

  /** Sees to it that it runs; gives the number of this run. @throws Error where it does not: closed, resting, replaced on disk */
  start(): number {
    if (this.#closed) throw new Error('the thread is closed');
    if (this.#worker === undefined) {
      if (performance.now() < this.#restsUntil) throw new Error('the thread died too often');
      this.#requireSame();
      this.#worker = this.#begin();
      this.#run += 1;
    }
    return this.#run;
  }

  /** Asks; the buffers named go over and are gone here. Rejects when it cannot be done there. */
  async ask<T extends Task>(
    task: T,
    transferred: readonly ArrayBuffer[] = [],
  ): Promise<Outcomes[T['verb']]> {
    this.start();
    const id = this.#next++;
    this.#worker?.postMessage({ id, task } satisfies Asked, transferred);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { verb: task.verb, resolve, reject });
      this.#worker?.ref();
    });
  }

  /** Where there is a thread. */
  tell(task: Task): void {
    this.#worker?.postMessage({ id: this.#next++, task } satisfies Asked);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
  }

  #begin(): Worker {
    const worker = new Worker(this.#program, {
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    worker.unref(); // while nobody waits for an answer
    worker.on('message', (answer: Answered) => this.#answered(worker, answer));
    worker.on('messageerror', () => void worker.terminate());
    worker.on('error', (error) => this.#log.warn('thread-failed', { error }));
    worker.on('exit', () => this.#ended(worker));
    return worker;
  }

  #answered(worker: Worker, answer: Answered): void {
    this.#deaths = 0;
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) worker.unref();
    if ('outcome' in answer) waiting?.resolve(answer.outcome as never);
    else {
      this.#log.warn('thread-task-failed', {
        function: waiting?.verb ?? 'tell',
        code: answer.failed,
      });
      waiting?.reject(new Error('the thread could not do it'));
    }
  }

  #ended(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined;
    if (!this.#closed) {
      this.#deaths += 1;
      if (this.#deaths >= DEATHS) this.#restsUntil = performance.now() + REST_MS;
      this.#log.warn('thread-ended', { count: this.#deaths });
    }
    const left = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of left) reject(new Error('the thread has ended'));
  }

  #requireSame(): void {
    if (this.#content.equals(readFileSync(this.#program))) return;
    this.#restsUntil = Infinity;
    this.#log.warn('thread-program-changed', {});
    throw new Error('the program of the thread is another one by now');
  }
}
