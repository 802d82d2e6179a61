// SPDX-License-Identifier: Apache-2.0
// The workers of a gateway: each takes one import as far as it goes, several side by side. Which imports there are to
// work on, and who works on one, is the store's and the locks' to say: other gateways may share them.
import { setTimeout as pause } from 'node:timers/promises';
import { createBell } from '../bell.ts';
import { createDraftAhead } from './draft-ahead.ts';
import { decodeJobId } from './import-job.ts';
import { importKey } from './import-keys.ts';
import { createFileReader } from './read-in.ts';
import { stepImport } from './work-import.ts';
import type { WorkParts } from './work-import.ts';

/** The running imports of a gateway. */
export interface Imports {
  /** There is something to do. */
  notify(): void;
  stop(): Promise<void>;
}

const IDLE = 2000;
const RETRY = 1000;
const WORKERS = 4;

/** Starts working off what there is, the oldest first. */
export function startImports(parts: WorkParts): Imports {
  const stop = new AbortController();
  const bell = createBell(stop.signal);
  const workers = new Map<string, Promise<void>>();
  const hire = async () => {
    for await (const { value } of parts.store.range({ prefix: importKey.opens(), limit: 100 })) {
      const id = decodeJobId(value);
      if (workers.size >= WORKERS) return;
      if (workers.has(id)) continue;
      const worker = workOff(parts, id, stop.signal).finally(() => {
        workers.delete(id);
        bell.ring();
      });
      workers.set(id, worker);
    }
  };
  const run = async () => {
    while (!stop.signal.aborted) {
      await hire().catch((error: unknown) => parts.log.warn('imports wait', { error }));
      await bell.wait(IDLE);
    }
  };
  const running = run();
  return {
    notify: () => bell.ring(),
    async stop() {
      stop.abort();
      await running;
      await Promise.all(workers.values());
    },
  };
}

/** Works on one import until it ends, waits for somebody, or this gateway stops. */
async function workOff(parts: WorkParts, id: string, signal: AbortSignal): Promise<void> {
  const reader = createFileReader(parts);
  const ahead = createDraftAhead(parts);
  try {
    while (!signal.aborted && (await stepImport(parts, id, { reader, ahead })));
  } catch (error) {
    parts.log.warn('import waits', { id, error });
    await pause(RETRY, undefined, { signal }).catch(() => undefined);
  } finally {
    await reader.close();
  }
}
