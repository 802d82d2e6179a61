// SPDX-License-Identifier: Apache-2.0
// Progress as it happens: server-sent events (WHATWG HTML §9.2), one whenever something changed, until the import has
// ended. The id of an event is what it tells, so that who comes back with it is not told the same again.
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { loadProgress } from './import-progress.ts';
import type { ImportProgress, ProgressParts } from './import-progress.ts';

const LOOK_EVERY = 500;
/** Looks without news after which a comment keeps the line open. */
const SILENT_LOOKS = 30;
const ENDED: ReadonlySet<ImportProgress['state']> = new Set([
  'done',
  'checked',
  'refused',
  'cancelled',
  'failed',
]);

/** The events of an import as text; ends with it, or with the signal. @throws IMPORT_UNKNOWN */
export async function* importEvents(
  parts: ProgressParts,
  id: string,
  lastEventId: string | undefined,
  signal: AbortSignal,
): AsyncIterable<string> {
  let told = lastEventId;
  let silent = 0;
  while (!signal.aborted) {
    const progress = await loadProgress(parts, id);
    const event = eventId(progress);
    if (event !== told) {
      yield `id: ${event}\nevent: progress\ndata: ${JSON.stringify(progress)}\n\n`;
      told = event;
      silent = 0;
    }
    if (isEnded(progress)) {
      yield 'event: end\ndata: {}\n\n';
      return;
    }
    silent += 1;
    if (silent % SILENT_LOOKS === 0) yield ':\n\n';
    await pause(LOOK_EVERY, undefined, { signal }).catch(() => undefined);
  }
}

/** Whether nothing more will be told: what was cancelled is ended when what it issued is anchored. */
export function isEnded({ state }: ImportProgress): boolean {
  return ENDED.has(state);
}

/** The time that is left passes by itself: it is no news. */
function eventId({ rate: _rate, secondsLeft: _left, ...facts }: ImportProgress): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
}
