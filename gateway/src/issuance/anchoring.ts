// SPDX-License-Identifier: Apache-2.0
// Anchors what waits: one worker a lane while there is something to do, batch after batch (anchor-batch.ts), lanes side
// by side. Waits longer and longer when the ledger is away, goes on by itself when it is back, and tells who waits.
import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { isCodedError } from '@zhenglian/core/errors';
import { gatewayError } from '../problem-codes.ts';
import { anchorBatch } from './anchor-batch.ts';
import type { BatchParts } from './anchor-batch.ts';
import type { CopyRecord, StoredCopy } from './copy-record.ts';
import type { Lane } from './lanes.ts';

/** Running anchors of all lanes. */
export interface Anchoring {
  /** Something waits. */
  notify(): void;
  /** The copy once it is anchored or abandoned. @throws ANCHOR_WAIT when that takes too long */
  settled(copy: Pick<StoredCopy, 'licence' | 'id'>, milliseconds: number): Promise<CopyRecord>;
  /** Codes of what keeps copies from being anchored; empty when all is well. */
  troubles(): readonly string[];
  /** Ends after the step at hand. */
  stop(): Promise<void>;
}

export interface AnchoringParts extends BatchParts {
  /** Called when a batch was released. */
  readonly onReleased: () => void;
}

const RETRY_FIRST = 200;
const RETRY_MOST = 5000;
const LOOK_AGAIN = 250;

/** Starts with what waits already. */
export function startAnchoring(parts: AnchoringParts): Anchoring {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // every lane waits on it
  const waiting = new Set<() => void>();
  const working = new Map<number | string, Promise<void>>();
  const troubles = new Map<string, string>();
  const laneOf = (name: string) => parts.lanes.all().find((lane) => nameOf(lane) === name);

  const work = async (name: string) => {
    let delay = RETRY_FIRST;
    for (let lane = laneOf(name); lane && !stop.signal.aborted; lane = laneOf(name)) {
      try {
        const isDone = !(await anchorBatch(parts, lane, stop.signal));
        troubles.delete(name);
        delay = RETRY_FIRST;
        if (isDone) return;
        for (const wake of waiting) wake();
        parts.onReleased();
      } catch (error) {
        const code = isCodedError<string>(error) ? error.code : 'INTERNAL';
        if (troubles.get(name) !== code) {
          parts.log.warn('anchoring waits', { authority: lane.uscc, code, error });
        }
        troubles.set(name, code);
        await pause(delay, undefined, { signal: stop.signal }).catch(() => undefined);
        delay = Math.min(2 * delay, RETRY_MOST);
      }
    }
  };
  const notify = () => {
    for (const lane of parts.lanes.all()) {
      const name = nameOf(lane);
      if (lane.next === lane.anchored || working.has(name) || stop.signal.aborted) continue;
      // What was placed while the last step ended is found by the notification that placing gave after it.
      working.set(
        name,
        work(name).finally(() => {
          working.delete(name);
          if (isWaiting(laneOf(name))) notify();
        }),
      );
    }
  };
  notify();
  return {
    notify,
    troubles: () => [...new Set(troubles.values())],
    async settled({ licence, id }, milliseconds) {
      const deadline = performance.now() + milliseconds;
      for (;;) {
        const now = await parts.archive.copy(licence, id);
        if (now !== undefined && now.step !== 'signed') return now;
        const left = deadline - performance.now();
        if (left <= 0) throw gatewayError('ANCHOR_WAIT', 'not anchored yet: ask again');
        await new Promise<void>((resolve) => {
          const done = () => {
            clearTimeout(timer);
            waiting.delete(done);
            resolve();
          };
          const timer = setTimeout(done, Math.min(left, LOOK_AGAIN));
          waiting.add(done);
        });
      }
    },
    async stop() {
      stop.abort();
      await Promise.all(working.values());
    },
  };
}

function isWaiting(lane: Lane | undefined): boolean {
  return lane !== undefined && lane.next > lane.anchored;
}

function nameOf({ uscc, epoch }: Lane): string {
  return `${uscc}/${String(epoch)}`;
}
