// SPDX-License-Identifier: Apache-2.0
// Work in a thread of its own, begun when there is first much to do. Little is done here at once: it would wait behind the
// much. What the thread fails at, or dies of, is logged and done here too, so that nobody who asks needs to know.
import { fileURLToPath } from 'node:url';
import { builtProgram } from '@zhenglian/network/own-program';
import type { Log } from '../log.ts';
import type { BulkSigner } from '../signing/bulk-signer.ts';
import { join, split } from './messages.ts';
import { Thread } from './thread.ts';
import { createLocalWork } from './work.ts';
import type { Work } from './work.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
/** From so many messages or copies on, and so many bytes of rows, the way there and back pays. */
const MANY = 16;
const MANY_BYTES = 4096;

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
  /** The run of the thread that was given the key. */
  let givenTo: number | undefined;
  let isClosed = false;
  const isOpen = () => !isClosed; // asked again after a wait, during which somebody may have closed it
  const give = async () => {
    const run = thread.start();
    if (givenTo === run) return;
    givenTo = run;
    const copy = secret.slice(); // goes over whole: nothing of it stays here
    await thread.ask({ verb: 'open', key, secretKey: copy }, [copy.buffer]);
  };
  return {
    async signBatch(messages) {
      if (messages.length < MANY || !isOpen()) return signer.signBatch(messages);
      try {
        await give();
        if (!isOpen()) return await signer.signBatch(messages);
        return split(await thread.ask({ verb: 'sign', key, messages: join(messages) }));
      } catch {
        return signer.signBatch(messages);
      }
    },
    close() {
      isClosed = true;
      signer.close();
      secret.fill(0);
      if (givenTo !== undefined) thread.tell({ verb: 'close', key });
    },
  };
}
