// SPDX-License-Identifier: Apache-2.0
// Work in a thread of its own, begun when there is first much to do. Little is done here at once: it would wait behind the
// much. What the thread fails at, or dies of, is done here too, so that nobody who asks needs to know.
import { Worker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { builtProgram } from '@zhenglian/network/own-program';
import type { Log } from '../log.ts';
import { join, split } from './messages.ts';
import type { Answered, Asked, Outcomes, Task } from './messages.ts';
import { createLocalWork } from './work.ts';
import type { BulkSigner, Work } from './work.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
/** From so many messages or copies on, and so many bytes of rows, the way there and back pays. */
const MANY = 16;
const MANY_BYTES = 4096;
/** Its young objects die in milliseconds: more room for them would only be more memory. */
const YOUNG_MB = 16;

/** Computes in a thread where there is much, else here; all of it here where `program` was not built (a gateway run from its sources). */
export function openWorkThread(
  log: Pick<Log, 'warn'>,
  program: string | undefined = builtProgram(MAIN),
): Work {
  const here = createLocalWork();
  if (program === undefined) return here;
  const thread = new Thread(log, program);
  return {
    fitRows: (order) =>
      order.chunk.length < MANY_BYTES
        ? here.fitRows(order)
        : thread.ask({ verb: 'fit', ...order }).catch(() => here.fitRows(order)),
    payloads: (order) =>
      order.orders.length < MANY
        ? here.payloads(order)
        : thread.ask({ verb: 'payloads', ...order }).then(split, () => here.payloads(order)),
    openSigner: (secretKey) => openSigner(here, thread, secretKey),
    close: () => thread.close(),
  };
}

function openSigner(here: Work, thread: Thread, secretKey: Uint8Array): BulkSigner {
  const signer = here.openSigner(secretKey);
  const secret = secretKey.slice();
  const key = thread.nameKey();
  /** The run of the thread that has the key. */
  let knownTo: number | undefined;
  let isClosed = false;
  return {
    async signBatch(messages) {
      if (messages.length < MANY || isClosed) return signer.signBatch(messages);
      try {
        const run = thread.start();
        if (knownTo !== run) await thread.ask({ verb: 'open', key, secretKey: secret });
        knownTo = run;
        return split(await thread.ask({ verb: 'sign', key, messages: join(messages) }));
      } catch {
        return signer.signBatch(messages);
      }
    },
    close() {
      isClosed = true;
      signer.close();
      secret.fill(0);
      if (knownTo !== undefined) thread.tell({ verb: 'close', key });
    },
  };
}

interface Waiting {
  readonly resolve: (outcome: never) => void;
  readonly reject: (cause: Error) => void;
}

class Thread {
  readonly #log: Pick<Log, 'warn'>;
  readonly #program: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #run = 0;
  #next = 0;
  #keys = 0;
  #closed = false;

  constructor(log: Pick<Log, 'warn'>, program: string) {
    this.#log = log;
    this.#program = program;
  }

  /** The number of a key in whichever run. */
  nameKey(): number {
    return this.#keys++;
  }

  /** Sees to it that it runs; gives the number of this run. @throws Error once it is closed */
  start(): number {
    if (this.#closed) throw new Error('the thread is closed');
    if (this.#worker === undefined) {
      this.#worker = this.#begin();
      this.#run += 1;
    }
    return this.#run;
  }

  async ask<T extends Task>(task: T): Promise<Outcomes[T['verb']]> {
    this.start();
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker?.ref();
      this.#worker?.postMessage({ id, task } satisfies Asked);
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
    worker.on('message', ({ id, outcome }: Answered) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) worker.unref();
      if (outcome === undefined) waiting?.reject(new Error('the thread could not do it'));
      else waiting?.resolve(outcome as never);
    });
    worker.on('error', (error) => this.#log.warn('thread-failed', { error }));
    worker.on('exit', () => this.#ended(worker));
    return worker;
  }

  #ended(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined;
    const left = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of left) reject(new Error('the thread has ended'));
  }
}
