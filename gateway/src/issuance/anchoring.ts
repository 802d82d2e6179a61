// SPDX-License-Identifier: Apache-2.0
// Keeps one worker an authority that anchors batch after batch (anchor-batch.ts), waits when the ledger is away, and tells who waits.
import { setTimeout as pause } from 'node:timers/promises';
import { isCodedError } from '@zhenglian/core/errors';
import { createBell } from '../bell.ts';
import type { Bell } from '../bell.ts';
import { gatewayError } from '../problem-codes.ts';
import { anchorBatch, whileNothingIsPlaced } from './anchor-batch.ts';
import type { BatchParts } from './anchor-batch.ts';
import type { CopyRecord } from './copy-record.ts';

/** Running anchors of all authorities. */
export interface Anchoring {
  /** Something was queued. */
  notify(): void;
  /** The copy once it is anchored or abandoned. @throws ANCHOR_WAIT when that takes too long */
  settled(copy: CopyRecord, milliseconds: number): Promise<CopyRecord>;
  /** Runs a task while nothing of an authority gets a place. */
  whileNothingIsPlaced<T>(uscc: string, task: () => Promise<T>): Promise<T>;
  /** Codes of what keeps copies from being anchored; empty when all is well. */
  troubles(): readonly string[];
  /** Ends after the step at hand. */
  stop(): Promise<void>;
}

export interface AnchoringParts extends BatchParts {
  /** Called with the licences of a batch just released. */
  readonly onReleased: (licences: readonly string[]) => void;
}

const RETRY_FIRST = 200;
const RETRY_MOST = 5000;
const IDLE = 1000;

/** Starts one worker an authority. */
export function startAnchoring(parts: AnchoringParts, authorities: readonly string[]): Anchoring {
  const stop = new AbortController();
  const waiting = new Set<() => void>();
  const bells = authorities.map(() => createBell(stop.signal));
  const troubles = new Map<string, string>();
  const released = (licences: readonly string[]) => {
    for (const wake of waiting) wake();
    parts.onReleased(licences);
  };
  const work = async (uscc: string, bell: Bell) => {
    let delay = RETRY_FIRST;
    while (!stop.signal.aborted) {
      try {
        const licences = await anchorBatch(parts, uscc, stop.signal);
        troubles.delete(uscc);
        delay = RETRY_FIRST;
        if (licences === undefined) await bell.wait(IDLE);
        else released(licences);
      } catch (error) {
        const code = isCodedError<string>(error) ? error.code : 'INTERNAL';
        if (troubles.get(uscc) !== code) {
          parts.log.warn('anchoring waits', { authority: uscc, code, error });
        }
        troubles.set(uscc, code);
        await pause(delay, undefined, { signal: stop.signal }).catch(() => undefined);
        delay = Math.min(2 * delay, RETRY_MOST);
      }
    }
  };
  const workers = bells.map((bell, i) => work(authorities[i] ?? '', bell));
  return {
    notify: () => bells.forEach((bell) => bell.ring()),
    troubles: () => [...troubles.values()],
    whileNothingIsPlaced: (uscc, task) => whileNothingIsPlaced(parts, uscc, task),
    async settled(copy, milliseconds) {
      const deadline = performance.now() + milliseconds;
      for (;;) {
        const now = await parts.archive.copy(copy.licence, copy.id);
        if (now !== undefined && (now.step === 'anchored' || now.step === 'abandoned')) return now;
        const left = deadline - performance.now();
        if (left <= 0) throw gatewayError('ANCHOR_WAIT', 'not anchored yet: ask again');
        await new Promise<void>((resolve) => {
          const done = () => {
            clearTimeout(timer);
            waiting.delete(done);
            resolve();
          };
          const timer = setTimeout(done, Math.min(left, 250));
          waiting.add(done);
        });
      }
    },
    async stop() {
      stop.abort();
      await Promise.all(workers);
    },
  };
}
