// SPDX-License-Identifier: Apache-2.0
// Wakes one sleeper; a ring while nobody sleeps is not lost.

/** One worker sleeps, anyone rings. */
export interface Bell {
  ring(): void;
  /** Until rung, so many milliseconds at most. */
  wait(milliseconds: number): Promise<void>;
}

/** A bell that also rings when the signal aborts. */
export function createBell(signal: AbortSignal): Bell {
  let isRung = false;
  let wake: (() => void) | undefined;
  const ring = () => {
    isRung = true;
    wake?.();
  };
  signal.addEventListener('abort', ring, { once: true });
  return {
    ring,
    async wait(milliseconds) {
      if (!isRung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, milliseconds);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      wake = undefined;
      isRung = false;
    },
  };
}
